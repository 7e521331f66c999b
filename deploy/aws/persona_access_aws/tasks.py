"""Create the steps of the weekly run, each a Fargate task with its own role.

| role | drop bucket | publish bucket | audit bucket | files, in addition to audit and the home's
top |
|---|---|---|---|---|
| load | list, read | - | add anchors | writes raw, archive, rejected |
| build | - | - | add anchors | reads raw, gates, runs; writes warehouse, status_changes |
| publish | - | add releases | add anchors | reads what build has; writes releases |
| serve | - | - | add anchors | reads releases; logs in to the database (database.py) |
| verify | - | - | list, read anchors | reads all, writes only the home's top |
| operator | list, read | add releases, read questions | add, read anchors | writes all folders |

The operator's task runs the commands of the runbook when a person starts it (people.py).

Nobody can delete an object or change a delivery: the ledger records what was loaded, and the
archive in the bucket (which needs the right to delete) is for places without such roles.
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

from persona_access_aws.buckets import ANSWERS, Buckets
from persona_access_aws.database import Database
from persona_access_aws.keys import Keys
from persona_access_aws.stages import FEEDS, Stage
from persona_access_aws.state import FOLDERS, HOME, USER_ID, Mount, State

_HOME = "/data"
# Data that can be lost: everything else is written to durable folders, and the image is read-only.
_SCRATCH = {
    "scratch-fetched": f"{_HOME}/.fetched",
    "scratch-publishing": f"{_HOME}/.publishing",
    "scratch-tmp": "/tmp",  # noqa: S108
    "scratch-dbt": "/app/target",
}
_READ = Mount
_MASKING_KEY = "PERSONA_ACCESS_MASKING_KEY"
_ENCRYPTION_KEY = "PERSONA_ACCESS_ENCRYPTION_KEY"


def _write(folder: str) -> Mount:
    return Mount(folder, is_writable=True)


@dataclass(frozen=True)
class _Size:
    cpu: int
    memory_mib: int

    @property
    def threads(self) -> int:
        """Return one thread for each virtual CPU."""
        return max(1, self.cpu // 1024)

    @property
    def memory_limit(self) -> str:
        """Return three quarters of the memory for DuckDB: Python and the system also need some."""
        return f"{self.memory_mib * 3 // 4}MiB"


_EVERY_STEP = (_write(HOME), _write("audit"))
_DECIDED = (_READ("raw"), _READ("accepted_gates"), _READ("runs"))
_STEPS: dict[str, tuple[_Size, tuple[Mount, ...]]] = {
    "load": (
        _Size(1024, 8192),
        (*_EVERY_STEP, _write("raw"), _write("archive"), _write("rejected")),
    ),
    "build": (
        _Size(4096, 16384),
        (*_EVERY_STEP, *_DECIDED, _write("warehouse"), _write("status_changes")),
    ),
    "publish": (
        _Size(2048, 16384),
        (
            *_EVERY_STEP,
            *_DECIDED,
            _READ("warehouse"),
            _READ("status_changes"),
            _write("published"),
            _write("published_masked"),
        ),
    ),
}
# The last step reads everything that the audit log names, without changing it.
VERIFY = "verify"
_STEPS[VERIFY] = (
    _Size(1024, 8192),
    (
        _write(HOME),
        *(_READ(folder) for folder in FOLDERS if folder != HOME),
    ),
)
# If the stage has a database, this step runs after publish and before verify.
SERVE = "serve"
_SERVE = (_Size(1024, 8192), (*_EVERY_STEP, _READ("published"), _READ("accepted_gates")))
OPERATOR = "operator"
_TASKS = _STEPS | {OPERATOR: (_Size(4096, 16384), tuple(map(_write, FOLDERS)))}
# The settings name the buckets, so each command also sends releases and anchors there.
_COMMANDS = {"load": ("load",), "build": ("build",), "publish": ("publish", "--full", "--masked")}
# The person who starts the operator's task gives the command; without one, nothing changes.
_COMMANDS |= {VERIFY: ("audit", "verify"), OPERATOR: ("audit", "verify"), SERVE: ("serve",)}
# Amazon's authorities of the regions, in the image.
_AUTHORITIES = "/app/deploy/image/rds.pem"


class Tasks(Construct):
    """`definitions` and `roles` by step and of the operator; `weekly` are the steps in order."""

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
        database: Database | None = None,
    ) -> None:
        super().__init__(scope, name)
        self._database = database
        self._sizes_and_mounts = _TASKS | ({SERVE: _SERVE} if database else {})
        self.weekly = ("load", "build", "publish", *([SERVE] if database else []), VERIFY)
        self._stage, self._state, self._log = stage, state, log
        self._image = ecs.ContainerImage.from_ecr_repository(images, image_digest)
        self._environment = {
            "PERSONA_ACCESS_TARGET": stage.name,
            "PERSONA_ACCESS_HOME": _HOME,
            "PERSONA_ACCESS_WAREHOUSE": f"{_HOME}/warehouse/warehouse.duckdb",
            # Objects without the prefix of a feed arrive here, and are refused with a message.
            "PERSONA_ACCESS_DROP_ZONE": f"s3://{buckets.drop.bucket_name}",
            **{
                f"PERSONA_ACCESS_DROP_ZONE_{feed.upper()}": f"s3://{buckets.drop.bucket_name}/{feed}"
                for feed in FEEDS
            },
            # The bucket keeps the originals: no role can delete or move them.
            "PERSONA_ACCESS_LEAVE_FILES": "true",
            "PERSONA_ACCESS_PUBLISH_URL": f"s3://{buckets.publish.bucket_name}",
            "PERSONA_ACCESS_ANCHOR_URL": f"s3://{buckets.audit.bucket_name}/anchors",
            "AWS_REGION": stage.region,
        }
        self._answers = f"s3://{buckets.publish.bucket_name}/{ANSWERS}"
        # A new value would change all pseudonyms, so it is not rotated automatically.
        self.masking_key = secrets.Secret(
            self,
            "MaskingKey",
            description=f"Persona Access {stage.name}: key of the pseudonyms in masked releases",
            encryption_key=keys.published,
            generate_secret_string=secrets.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )
        # With a new value, existing data could not be read, so it is not rotated automatically,
        # either.
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
        self.roles = {step: self._role(step) for step in self._sizes_and_mounts}
        self.definitions = {step: self._definition(step) for step in self._sizes_and_mounts}
        if database:
            database.let_connect(self.roles[SERVE])
        for step in ("load", OPERATOR):
            self._let_read(self.roles[step], buckets.drop.bucket_arn, "*", keys.deliveries)
        for step in ("publish", OPERATOR):
            put(self.roles[step], f"{buckets.publish.bucket_arn}/*", keys.published)
        for step in (VERIFY, OPERATOR):
            self._let_read(self.roles[step], buckets.audit.bucket_arn, "anchors/*", keys.records)
        self.roles[OPERATOR].add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[f"{buckets.publish.bucket_arn}/{ANSWERS}/*"]
            )
        )
        for step, role in self.roles.items():
            if step == VERIFY:
                continue
            put(role, f"{buckets.audit.bucket_arn}/anchors/*", keys.records)

    def _role(self, step: str) -> iam.Role:
        role = iam.Role(
            self,
            f"{step.capitalize()}Role",
            description=f"Persona Access {self._stage.name}: what the {step} step may do",
            assumed_by=_only_tasks_of(self._stage),
        )
        self._state.grant(role, self._sizes_and_mounts[step][1])
        return role

    def _definition(self, step: str) -> ecs.FargateTaskDefinition:
        size, mounts = self._sizes_and_mounts[step]
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
        if step in ("publish", OPERATOR):
            secret_values[_MASKING_KEY] = ecs.Secret.from_secrets_manager(self.masking_key)
        # The output of this task is logged for years, so answers about people go to the bucket.
        more = {"PERSONA_ACCESS_ANSWERS_URL": self._answers} if step == OPERATOR else {}
        if step == SERVE and self._database:
            more = self._database.environment() | {"PGSSLROOTCERT": _AUTHORITIES}
        container = definition.add_container(
            "step",
            image=self._image,
            entry_point=["persona-access"],
            command=list(_COMMANDS[step]),
            environment={
                **self._environment,
                **more,
                "PERSONA_ACCESS_MEMORY_LIMIT": size.memory_limit,
                "PERSONA_ACCESS_THREADS": str(size.threads),
            },
            secrets=secret_values,
            user=f"{USER_ID}:{USER_ID}",
            readonly_root_filesystem=True,
            stop_timeout=Duration.seconds(120),
            logging=ecs.LogDrivers.aws_logs(stream_prefix=step, log_group=self._log),
        )
        # The home's top level comes first: the other folders are mounted below it.
        for mount in mounts:
            self._mount(definition, container, mount)
        for volume, path in _SCRATCH.items():
            definition.add_volume(name=volume)
            container.add_mount_points(
                ecs.MountPoint(source_volume=volume, container_path=path, read_only=False)
            )
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
                container_path=_HOME if mount.folder == HOME else f"{_HOME}/{mount.folder}",
                read_only=not mount.is_writable,
            )
        )

    def _let_read(self, role: iam.Role, bucket_arn: str, objects: str, key: kms.IKey) -> None:
        prefixes = {} if objects == "*" else {"StringLike": {"s3:prefix": [objects]}}
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"], resources=[bucket_arn], conditions=prefixes
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"{bucket_arn}/{objects}"])
        )
        role.add_to_policy(_by_s3(self._stage.region, ["kms:Decrypt"], key))


def put(role: iam.Role, objects: str, key: kms.IKey) -> None:
    """Let a role only add objects, not read or delete them."""
    role.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[objects]))
    # S3 requires Decrypt to assemble multipart uploads.
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
