"""The three steps of the weekly run, each a Fargate task with a role of its own.

| role | drop bucket | publish bucket | audit bucket | files |
|---|---|---|---|---|
| load | list, read | - | add anchors | writes raw, audit |
| build | - | - | add anchors | reads raw; writes warehouse, status_changes, audit |
| publish | - | add releases | add anchors | reads all but releases; writes releases, audit |

Nobody may delete an object, or change a delivery: the ledger says what was loaded, and a bucket's
own archive of a drop zone (which needs the right to delete) is for places without such roles.
"""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from persona_access_aws.buckets import Buckets
from persona_access_aws.keys import Keys
from persona_access_aws.stages import Stage
from persona_access_aws.state import USER_ID, Mount, State

_HOME = "/data"
# Folders of the image that may be written to: all else of it is read-only.
_SCRATCH = {"scratch-home": _HOME, "scratch-tmp": "/tmp", "scratch-dbt": "/app/target"}  # noqa: S108
_READ = Mount
_MASKING_KEY = "PERSONA_ACCESS_MASKING_KEY"
_ENCRYPTION_KEY = "PERSONA_ACCESS_ENCRYPTION_KEY"


def _write(folder: str) -> Mount:
    return Mount(folder, is_writable=True)


@dataclass(frozen=True)
class _Size:
    cpu: int
    memory_mib: int


_STEPS: dict[str, tuple[_Size, tuple[Mount, ...]]] = {
    "load": (_Size(1024, 8192), (_write("raw"), _write("audit"))),
    "build": (
        _Size(4096, 16384),
        (_READ("raw"), _write("warehouse"), _write("status_changes"), _write("audit")),
    ),
    "publish": (
        _Size(2048, 16384),
        (
            _READ("raw"),
            _READ("warehouse"),
            _READ("status_changes"),
            _write("published"),
            _write("published_masked"),
            _write("audit"),
        ),
    ),
}
# The settings name the buckets, so each command also sends releases and anchors there.
_COMMANDS = {"load": ("load",), "build": ("build",), "publish": ("publish", "--full", "--masked")}


class Tasks(Construct):
    """`definitions` and `roles` by step: load, build, publish."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        keys: Keys,
        buckets: Buckets,
        state: State,
        images: ecr.IRepository,
        image_digest: str,
        log: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, name)
        self._stage, self._state, self._log = stage, state, log
        self._image = ecs.ContainerImage.from_ecr_repository(images, image_digest)
        self._environment = {
            "PERSONA_ACCESS_TARGET": stage.name,
            "PERSONA_ACCESS_HOME": _HOME,
            "PERSONA_ACCESS_WAREHOUSE": f"{_HOME}/warehouse/warehouse.duckdb",
            "PERSONA_ACCESS_DROP_ZONE": f"s3://{buckets.drop.bucket_name}",
            # The bucket keeps the originals: no role may delete or move one.
            "PERSONA_ACCESS_LEAVE_FILES": "true",
            "PERSONA_ACCESS_PUBLISH_URL": f"s3://{buckets.publish.bucket_name}",
            "PERSONA_ACCESS_ANCHOR_URL": f"s3://{buckets.audit.bucket_name}/anchors",
            "AWS_REGION": stage.region,
        }
        # A new value would give everybody a new pseudonym, so nothing rotates it by itself.
        self.masking_key = secrets.Secret(
            self,
            "MaskingKey",
            description=f"Persona Access {stage.name}: key of the pseudonyms in masked releases",
            encryption_key=keys.published,
            generate_secret_string=secrets.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
        )
        # With a new value nothing could be read that is there: nothing rotates this one either.
        self.encryption_key = secrets.Secret(
            self,
            "EncryptionKey",
            description=f"Persona Access {stage.name}: key of the warehouse and of landed files",
            encryption_key=keys.state,
            generate_secret_string=secrets.SecretStringGenerator(
                # 64 hexadecimal digits.
                password_length=64,
                exclude_characters="ghijklmnopqrstuvwxyz",
                exclude_uppercase=True,
                exclude_punctuation=True,
                require_each_included_type=False,
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.roles = {step: self._role(step) for step in _STEPS}
        self.definitions = {step: self._definition(step) for step in _STEPS}
        self._let_read(self.roles["load"], buckets.drop.bucket_arn, keys.deliveries)
        put(self.roles["publish"], f"{buckets.publish.bucket_arn}/*", keys.published)
        for role in self.roles.values():
            put(role, f"{buckets.audit.bucket_arn}/anchors/*", keys.records)

    def _role(self, step: str) -> iam.Role:
        role = iam.Role(
            self,
            f"{step.capitalize()}Role",
            description=f"Persona Access {self._stage.name}: what the {step} step may do",
            assumed_by=_only_tasks_of(self._stage),
        )
        self._state.grant(role, _STEPS[step][1])
        return role

    def _definition(self, step: str) -> ecs.FargateTaskDefinition:
        size, mounts = _STEPS[step]
        definition = ecs.FargateTaskDefinition(
            self,
            step.capitalize(),
            cpu=size.cpu,
            memory_limit_mib=size.memory_mib,
            ephemeral_storage_gib=50,
            task_role=self.roles[step],
            execution_role=iam.Role(
                self,
                f"{step.capitalize()}Start",
                description=f"Persona Access {self._stage.name}: starts the {step} step",
                assumed_by=_only_tasks_of(self._stage),
            ),
        )
        secret_values = {_ENCRYPTION_KEY: ecs.Secret.from_secrets_manager(self.encryption_key)}
        if step == "publish":
            secret_values[_MASKING_KEY] = ecs.Secret.from_secrets_manager(self.masking_key)
        container = definition.add_container(
            "step",
            image=self._image,
            entry_point=["persona-access"],
            command=list(_COMMANDS[step]),
            environment=self._environment,
            secrets=secret_values,
            user=f"{USER_ID}:{USER_ID}",
            readonly_root_filesystem=True,
            stop_timeout=Duration.seconds(120),
            logging=ecs.LogDrivers.aws_logs(stream_prefix=step, log_group=self._log),
        )
        for volume, path in _SCRATCH.items():
            definition.add_volume(name=volume)
            container.add_mount_points(
                ecs.MountPoint(source_volume=volume, container_path=path, read_only=False)
            )
        for mount in mounts:
            self._mount(definition, container, mount)
        return definition

    def _mount(
        self,
        definition: ecs.FargateTaskDefinition,
        container: ecs.ContainerDefinition,
        mount: Mount,
    ) -> None:
        volume = mount.folder.replace("_", "-")
        definition.add_volume(
            name=volume,
            efs_volume_configuration=ecs.EfsVolumeConfiguration(
                file_system_id=self._state.files.file_system_id,
                transit_encryption="ENABLED",
                authorization_config=ecs.AuthorizationConfig(
                    access_point_id=self._state.doors[mount.folder].access_point_id, iam="ENABLED"
                ),
            ),
        )
        container.add_mount_points(
            ecs.MountPoint(
                source_volume=volume,
                container_path=f"{_HOME}/{mount.folder}",
                read_only=not mount.is_writable,
            )
        )

    def _let_read(self, role: iam.Role, bucket_arn: str, key: kms.IKey) -> None:
        role.add_to_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket_arn]))
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"{bucket_arn}/*"])
        )
        role.add_to_policy(_by_s3(self._stage.region, ["kms:Decrypt"], key))


def put(role: iam.Role, objects: str, key: kms.IKey) -> None:
    """Let a role add objects, and neither read nor delete any."""
    role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[objects]))
    # S3 asks for Decrypt to put together what came in parts.
    actions = ["kms:GenerateDataKey", "kms:Decrypt"]
    role.add_to_policy(_by_s3(Stack.of(role).region, actions, key))


def _by_s3(region: str, actions: list[str], key: kms.IKey) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=actions,
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
    )


def _only_tasks_of(stage: Stage) -> iam.PrincipalBase:
    return iam.ServicePrincipal(
        "ecs-tasks.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": stage.account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{stage.region}:{stage.account}:*"},
        },
    )
