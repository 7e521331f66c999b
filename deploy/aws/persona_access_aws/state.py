"""Create the encrypted file system of the home, with one access point ("door") for each folder."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from persona_access_aws.network import Network
from persona_access_aws.stages import Stage

# The user of the container image, deploy/image/Containerfile.
USER_ID = "10001"
_NFS = 2049
# The door "home" has the top level of a home: its target, locks, sent messages.
HOME = "home"
FOLDERS = (
    HOME,
    "raw",
    "archive",
    "rejected",
    "warehouse",
    "status_changes",
    "accepted_gates",
    "runs",
    "published",
    "published_masked",
    "evidence",
    "audit",
)


@dataclass(frozen=True)
class Mount:
    """A folder below the home of the project that a task sees."""

    folder: str
    is_writable: bool = False


class State(Construct):
    """The file system; `doors` maps a folder of the project's home to its access point."""

    def __init__(
        self, scope: Construct, name: str, stage: Stage, network: Network, key: kms.IKey
    ) -> None:
        super().__init__(scope, name)
        self._root = stage.files_root
        group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=network.vpc,
            description="The files of the weekly run",
            allow_all_outbound=False,
        )
        network.allow(network.tasks, group, _NFS, "The files of the weekly run")
        self.files = efs.FileSystem(
            self,
            "Files",
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_group=group,
            encrypted=True,
            kms_key=key,
            # Our own backup plan is used instead: backup.py.
            enable_automatic_backups=False,
            removal_policy=RemovalPolicy.RETAIN,
            file_system_policy=_only_denials(),
        )
        self.doors = {folder: self._door(folder) for folder in FOLDERS}

    def grant(self, role: iam.Role, mounts: tuple[Mount, ...]) -> None:
        """Let a role mount its folders, and write to the writable ones."""
        for action, chosen in (
            ("ClientMount", mounts),
            ("ClientWrite", tuple(mount for mount in mounts if mount.is_writable)),
        ):
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=[f"elasticfilesystem:{action}"],
                    resources=[self.files.file_system_arn],
                    conditions={
                        "StringEquals": {
                            "elasticfilesystem:AccessPointArn": [
                                self.doors[mount.folder].access_point_arn for mount in chosen
                            ]
                        }
                    },
                )
            )

    def _door(self, folder: str) -> efs.AccessPoint:
        return self.files.add_access_point(
            "".join(word.capitalize() for word in folder.split("_")),
            path=f"{self._root}/{folder}",
            create_acl=efs.Acl(owner_uid=USER_ID, owner_gid=USER_ID, permissions="750"),
            posix_user=efs.PosixUser(uid=USER_ID, gid=USER_ID),
        )


def _only_denials() -> iam.PolicyDocument:
    """Deny unencrypted connections and those without an access point; roles grant the rights."""
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                sid="OnlyTls",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["*"],
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
            iam.PolicyStatement(
                sid="OnlyByADoor",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["elasticfilesystem:Client*"],
                conditions={"Null": {"elasticfilesystem:AccessPointArn": "true"}},
            ),
        ]
    )
