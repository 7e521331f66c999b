"""Each change of the CDK source that breaks a stage is detected."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import persona_access_aws
from conftest import DIGEST, read
from exact import broken

PACKAGE = persona_access_aws.__name__
FOLDER = Path(str(persona_access_aws.__file__)).parent
STACKS = {"main": "", "registry": "-registry", "second-region": "-second-region"}
# Module, original text, and replacement.
Edit = tuple[str, str, str]

EDITS: dict[str, Edit] = {
    # Buckets
    "the publish bucket is readable by another account": (
        "buckets", "        self.audit = self._bucket(",
        ('        self.publish.grant_read(iam.AccountPrincipal("999999999999"))\n'
        "        self.audit = self._bucket(")),
    "the drop bucket may be written by anybody": (
        "buckets", "        self.audit = self._bucket(",
        '        self.drop.grant_put(iam.AnyPrincipal())\n        self.audit = self._bucket('),
    "buckets allow public policies": ("buckets", "BLOCK_ALL", "BLOCK_ACLS"),
    "deliveries have the key of releases": (
        "buckets", '"Drop", keys.deliveries', '"Drop", keys.published'),
    "SSE-C is allowed": ("buckets", 'customer-algorithm": "false"', 'customer-algorithm": "true"'),
    "another key is allowed": ("buckets", '("OnlyOwnKey", "s3', '("OnlyOwnKey", "x'),
    "the lock is in governance mode": ("buckets", ".compliance(", ".governance("),
    "the lock lasts a day": ("stages", "object_lock_days=2557", "object_lock_days=1"),
    "releases never expire": (
        "buckets", '"Publish", keys.published, expiration=forgotten', '"Publish", keys.published'),
    "answers are kept for years": ("buckets", "_ANSWERED = Duration.days(1)",
        "_ANSWERED = Duration.days(700)"),
    "old versions expire at once": ("buckets", "Duration.days(90)", "Duration.days(1)"),
    "access is logged elsewhere": ("buckets", 'f"{name.lower()}/"', '"x/"'),
    "buckets are deleted with their stack": ("buckets", "RemovalPolicy.RETAIN",
        "RemovalPolicy.DESTROY"),
    "buckets accept requests without TLS": ("buckets", '"enforce_ssl": True',
        '"enforce_ssl": False'),
    "buckets accept TLS 1.1": ("buckets", '"minimum_tls_version": 1.2',
        '"minimum_tls_version": 1.1'),
    "uploaders own their objects": ("buckets", "BUCKET_OWNER_ENFORCED", "OBJECT_WRITER"),
    "tasks are allowed from anywhere": ("buckets", '"StringNotEquals": {"aws:SourceVpce"',
        '"StringNotEqualsIfExists": {"aws:SourceVpce"'),
    # Files and backups
    "doors are opened as root": ("state", 'USER_ID = "10001"', 'USER_ID = "0"'),
    "a door opens every folder": ("state", 'path=f"{self._root}/{folder}"', 'path="/"'),
    "folders are open to all": ("state", 'permissions="750"', 'permissions="777"'),
    "files can be reached without a door": ("state", '"elasticfilesystem:Client*"',
        '"elasticfilesystem:ClientRootAccess"'),
    "files are not encrypted": ("state", "encrypted=True", "encrypted=False"),
    "files are deleted with their stack": ("state", "RemovalPolicy.RETAIN",
        "RemovalPolicy.DESTROY"),
    "folders are mounted without IAM": ("tasks", 'iam="ENABLED"', 'iam="DISABLED"'),
    "folders are mounted without TLS": ("tasks", 'transit_encryption="ENABLED"',
        'transit_encryption="DISABLED"'),
    "all mounts are writable": ("tasks", "read_only=not mount.is_writable", "read_only=False"),
    "build writes deliveries": ("tasks", '_DECIDED = (_READ("raw")', '_DECIDED = (_write("raw")'),
    "backups expire after a day": ("backup", "KEPT = Duration.days(35)", "KEPT = Duration.days(1)"),
    "backups can be deleted": ("backup", "min_retention=KEPT", "min_retention=Duration.days(1)"),
    "backups are monthly": ("backup", 'minute="0", hour="2"', 'minute="0", hour="2", day="1"'),
    # Keys, secrets, logs
    "keys are deleted after a week": ("keys", "Duration.days(30)", "Duration.days(7)"),
    "keys never rotate": ("keys", "enable_key_rotation=True", "enable_key_rotation=False"),
    "keys are deleted with their stack": ("keys", "RemovalPolicy.RETAIN", "RemovalPolicy.DESTROY"),
    "another account can use a key": ("keys", "        self._let_services_write_records()",
        ('        self.state.grant_decrypt(iam.AccountPrincipal("999999999999"))\n'
        "        self._let_services_write_records()")),
    "secrets are short": ("tasks", "password_length=64", "password_length=8"),
    "logs are kept for a day": ("logs", "RetentionDays.SEVEN_YEARS", "RetentionDays.ONE_DAY"),
    "logs are not encrypted": ("logs", "encryption_key=key,", ""),
    # Tasks
    "the image is a tag": ("tasks", "from_ecr_repository(images, image_digest)",
        'from_ecr_repository(images, "latest")'),
    "containers run as root": ("tasks", 'user=f"{USER_ID}:{USER_ID}"', 'user="0:0"'),
    "containers are writable": ("tasks", "readonly_root_filesystem=True",
        "readonly_root_filesystem=False"),
    "containers are privileged": ("tasks", "readonly_root_filesystem=True",
        "readonly_root_filesystem=True, privileged=True"),
    "a task is killed at once": ("tasks", "Duration.seconds(120)", "Duration.seconds(2)"),
    "load runs another command": ("tasks", '{"load": ("load",)', '{"load": ("prune", "--yes")'),
    "load gets the masking key": ("tasks", 'if step in ("publish", OPERATOR):\n            secret',
        'if step in ("load", "publish", OPERATOR):\n            secret'),
    "DuckDB uses a quarter": ("tasks", "* 3 // 4", "// 4"),
    "releases go to the drop bucket": ("tasks",
        '"PERSONA_ACCESS_PUBLISH_URL": f"s3://{buckets.publish', ('"PERSONA_ACCESS_PUBLISH_URL": '
        'f"s3://{buckets.drop')),
    "anchors are outside the locked bucket": ("tasks",
        '"PERSONA_ACCESS_ANCHOR_URL": f"s3://{buckets.audit', ('"PERSONA_ACCESS_ANCHOR_URL": '
        'f"s3://{buckets.publish')),
    "logs show people": ("tasks", '"PERSONA_ACCESS_LEAVE_FILES": "true",',
        '"PERSONA_ACCESS_LEAVE_FILES": "true", "PERSONA_ACCESS_LOG_PEOPLE": "true",'),
    "the operator's answers go to the log": ("tasks", "if step == OPERATOR else {}",
        'if step == "load" else {}'),
    "scratch storage has no key of ours": ("weekly",
        "fargate_ephemeral_storage_kms_key=scratch_key",
        ""),
    "insights are off": ("weekly", "ContainerInsights.ENABLED", "ContainerInsights.DISABLED"),
    # Roles
    "another account can assume tasks' roles": ("tasks",
        '"StringEquals": {"aws:SourceAccount": stage.account},', ""),
    "tasks can add objects anywhere in the audit bucket": ("tasks",
        'f"{buckets.audit.bucket_arn}/anchors/*", keys.records)',
        'f"{buckets.audit.bucket_arn}/*", keys.records)'),
    "publishing deletes": ("tasks", 'actions=["s3:PutObject"]',
        'actions=["s3:PutObject", "s3:DeleteObject"]'),
    "analysts need no second factor": ("people", '"aws:MultiFactorAuthPresent": "true"',
        '"aws:MultiFactorAuthPresent": "false"'),
    "analysts can read all releases": ("people", 'MASKED = "masked/*"', 'MASKED = "*"'),
    "a session lasts 12 hours": ("people", "Duration.hours(1)", "Duration.hours(12)"),
    "tasks can start with any role": ("weekly", '"iam:PassedToService": "ecs-tasks.amazonaws.com"',
        '"iam:PassedToService": "*"'),
    "operators can read all releases": ("people", 'publish.arn_for_objects(f"{ANSWERS}/*")',
        'publish.arn_for_objects("*")'),
    "senders write everywhere": ("senders", 'f"{feed}/*"', '"*"'),
    "senders read": ("senders", 'actions=["s3:PutObject"]',
        'actions=["s3:PutObject", "s3:GetObject"]'),
    "senders can use the key through any service": ("senders",
        '"StringEquals": {"kms:ViaService": f"s3.{stage.region}.amazonaws.com"},', ""),
    # The run
    "ECS exec opens a shell": ("weekly", '"EnableExecuteCommand": False',
        '"EnableExecuteCommand": True'),
    "a step has a public address": ("weekly", '"AssignPublicIp": "DISABLED"',
        '"AssignPublicIp": "ENABLED"'),
    "a step is never retried": ("weekly", '"MaxAttempts": 3', '"MaxAttempts": 0'),
    "a step is retried after any failure": ("weekly", '["ECS.ServerException", ',
        '["States.ALL", '),
    "a step can take three weeks": ("weekly", "_STEP_HOURS = 3", "_STEP_HOURS = 504"),
    "a failed load is published": ("weekly", '"Default": "LoadFailed"', '"Default": "build"'),
    "nobody is alerted to refused files": ("weekly", '"Next": "TellRefused"', '"Next": "build"'),
    "any fault of a load counts as a refused file": ("weekly",
        '"ErrorEquals": ["States.TaskFailed"]',
        '"ErrorEquals": ["States.ALL"]'),
    "nothing is verified": ("weekly", "else VERIFY\n", 'else "TellTampered"\n'),
    "the run is on Sundays": ("stages", 'weekday: str = "MON"', 'weekday: str = "SUN"'),
    "a start is not retried": ("weekly", "retry_attempts=3", "retry_attempts=0"),
    "dead letters expire after a minute": ("weekly", "Duration.days(14)", "Duration.minutes(1)"),
    "dead letters cannot be encrypted": ("weekly", '["kms:Decrypt", "kms:GenerateDataKey"], res',
        '["kms:Decrypt"], res'),
    "the nightly check is at noon": ("nightly", 'hour="3"', 'hour="12"'),
    # Alarms and trail
    "an alarm counts successes": ("watch", "run.metric_failed()", "run.metric_succeeded()"),
    "alarms wait for 100 periods": ("watch", '"evaluation_periods": 1,',
        '"evaluation_periods": 100,'),
    "alarms never ring": ("watch", '"threshold": 0', '"threshold": 1000000'),
    "alarms tell nobody": ("watch", "        alarm.add_alarm_action(actions.SnsAction(self.topic))",
        "        del alarm"),
    "a silent watch raises no alarm": ("watch", "TreatMissingData.BREACHING",
        "TreatMissingData.NOT_BREACHING"),
    "alarms average": ("watch", 'statistic: str = "Maximum"', 'statistic: str = "Average"'),
    "a release is stale after a year": ("watch", "STALE_DAYS = 8", "STALE_DAYS = 365"),
    "the watch is daily": ("watch", "ScheduleExpression.rate(_HOUR)",
        "ScheduleExpression.rate(Duration.days(1))"),
    "the trail records only writes": ("trail", "ReadWriteType.ALL", "ReadWriteType.WRITE_ONLY"),
    "the trail has no digests": ("trail", "enable_file_validation=True",
        "enable_file_validation=False"),
    "the trail records one region": ("trail", "is_multi_region_trail=True",
        "is_multi_region_trail=False"),
    "the trail has no management events": ("trail", "read_write_type=cloudtrail.ReadWriteType.ALL",
        "read_write_type=cloudtrail.ReadWriteType.ALL, include_management_events=False"),
    "the trail records two buckets": ("trail", "(buckets.drop, buckets.publish, buckets.audit)",
        "(buckets.drop, buckets.audit)"),
    "tampering alerts nobody": ("tamper", 'state="ENABLED"', 'state="DISABLED"'),
    "keys can be disabled unseen": ("tamper", '"DisableKey", ', ""),
    # Network
    "tasks reach everybody": ("network", "self.s3 = self.vpc.add_gateway",
        ("self.tasks.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.all_traffic())\n"
        "        self.s3 = self.vpc.add_gateway")),
    "security groups allow all outbound traffic": ("network", "allow_all_outbound=False",
        "allow_all_outbound=True"),
    "endpoints serve every account": ("network",
        'conditions={"StringEquals": {"aws:PrincipalAccount": self._account}}', "conditions={}"),
    "the gateway reaches every bucket": ("network", '"aws:ResourceAccount": self._account,', ""),
    "a service has no endpoint": ("network",
        '    "Keys": ec2.InterfaceVpcEndpointAwsService.KMS,\n', ""),
    "the network has internet access": ("network", "PRIVATE_ISOLATED, cidr_mask=26",
        "PUBLIC, cidr_mask=26"),
    # The other stacks
    "image tags can be moved": ("registry", "TagMutability.IMMUTABLE", "TagMutability.MUTABLE"),
    "images are not scanned": ("registry", "image_scan_on_push=True", "image_scan_on_push=False"),
    "any branch deploys": ("deployer", ':environment:{stage.name}",\n', ':*",\n'),
    "the deployer can delete images": ("deployer", '"ecr:PutImage",',
        '"ecr:PutImage", "ecr:BatchDeleteImage",'),
    "stacks can be deleted": ("application", '"termination_protection": True',
        '"termination_protection": False'),
    # Edits that somebody in a hurry could make
    "a step is stopped during a write": ("tasks", "stop_timeout=Duration.seconds(120)",
        "stop_timeout=Duration.seconds(2)"),
    "a container can write to its image": ("tasks", "readonly_root_filesystem=True",
        "readonly_root_filesystem=False"),
    "steps run as root": ("tasks", 'user=f"{USER_ID}:{USER_ID}"', 'user="0:0"'),
    "a step is a shell": ("tasks", 'entry_point=["persona-access"]', 'entry_point=["sh", "-c"]'),
    "the operator's task rebuilds by default": ("tasks", 'OPERATOR: ("audit", "verify")',
        'OPERATOR: ("rebuild",)'),
    "verify can write the files that it checks": ("tasks",
        "*(_READ(folder) for folder in FOLDERS if folder != HOME)",
        "*(_write(folder) for folder in FOLDERS if folder != HOME)"),
    "every step has the key of the pseudonyms": ("tasks", 'if step in ("publish", OPERATOR):',
        "if step:"),
    "roles serve clusters of other regions": ("tasks", "arn:aws:ecs:{stage.region}:",
        "arn:aws:ecs:*:"),
    "keys decrypt for any service": ("tasks",
        'conditions={"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},', ""),
    "verify can list the whole audit bucket": ("tasks",
        'prefixes = {} if objects == "*" else {"StringLike": {"s3:prefix": [objects]}}',
        "prefixes = {}"),
    "a very late start is not dropped": ("weekly", "max_event_age=Duration.hours(1)",
        "max_event_age=Duration.hours(24)"),
    "dead letters can be read without TLS": ("weekly", "enforce_ssl=True", "enforce_ssl=False"),
    "the run writes no log": ("weekly", "level=sfn.LogLevel.ALL", "level=sfn.LogLevel.OFF"),
    "any task can be stopped": ("weekly", "resources=[tasks]", 'resources=["*"]'),
    "other metrics can be written": ("weekly",
        'conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},', ""),
    "other rules can be changed": ("weekly", "rule/{_RULE}", "rule/*"),
    "disks of other clusters get the key": ("weekly",
        '"kms:EncryptionContext:aws:ecs:clusterName": [cluster_name],', ""),
    "grants of the disks have every right": ("weekly",
        '"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},', ""),
    "backups are not copied": ("backup", ("backup.BackupPlanCopyActionProps("
        "destination_backup_vault=copies, delete_after=KEPT)"), ""),
    "backups begin during the day": ("backup", "start_window=Duration.hours(1)",
        "start_window=Duration.hours(20)"),
    "unfinished uploads stay": ("buckets",
        "abort_incomplete_multipart_upload_after=Duration.days(7)",
        "abort_incomplete_multipart_upload_after=Duration.days(700)"),
    "overwritten objects are lost": ("buckets", '"versioned": True', '"versioned": False'),
    "tasks can reach the audit bucket from anywhere": ("buckets",
        "for bucket in (self.drop, self.publish, self.audit):",
        "for bucket in (self.drop, self.publish):"),
    "the deployer can assume any role": ("deployer", "role/cdk-hnb659fds-{kind}-role-",
        "role/*{kind}-role-"),
    "production tries images": ("deployer", 'if stage.name == "staging":', "if stage.name:"),
    "a run is late only on the next day": ("stages", "deadline_hours: int = 4",
        "deadline_hours: int = 24"),
    "personal data are kept for ten years": ("stages", "retention_days: int = 104 * 7",
        "retention_days: int = 520 * 7"),
    "a failed run counts as in time": ("watch", "[Status = 'SUCCEEDED']",
        "[Status = 'FAILED']"),
    # What somebody with the right to commit would try
    "operators are people of another account": ("people",
        "account = iam.AccountPrincipal(stage.account)",
        'account = iam.AccountPrincipal("999999999999")'),
    "senders tag their sessions": ("senders",
        "assumed_by=iam.AccountPrincipal(stage.senders.get(feed, stage.account)),",
        ("assumed_by=iam.AccountPrincipal(stage.senders.get(feed, stage.account))"
        ".with_session_tags(),")),
    "another account grants a key on": ("keys", "        self._let_services_write_records()",
        ('        self.state.grant(iam.AccountPrincipal("999999999999"), "kms:CreateGrant")\n'
        "        self._let_services_write_records()")),
    "a key exists in every region": ("keys", "enable_key_rotation=True,",
        "enable_key_rotation=True, multi_region=True,"),
    "deliveries are reported to a foreign queue": ("buckets", "        self.audit = self._bucket(",
        ('        self.drop.node.default_child.add_property_override("NotificationConfiguration", '
        '{"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": '
        '"arn:aws:sqs:eu-west-2:999999999999:x"}]})\n        self.audit = self._bucket(')),
    "names of releases are listed elsewhere": ("buckets", "        self.audit = self._bucket(",
        ('        self.publish.node.default_child.add_property_override("InventoryConfigurations", '
        '[{"Id": "x", "Destination": {"BucketArn": "arn:aws:s3:::foreign"}}])\n'
        "        self.audit = self._bucket(")),
    "the log is streamed to another account": ("stack", "        trail_log = log_group(",
        ("        from aws_cdk import aws_logs\n"
        '        aws_logs.CfnSubscriptionFilter(self, "Out", filter_pattern="", '
        'destination_arn="arn:aws:logs:eu-west-2:999999999999:destination:x", '
        "log_group_name=run_log.log_group_name)\n        trail_log = log_group(")),
    "anybody writes into the log": ("stack", "        trail_log = log_group(",
        ('        run_log.grant_write(__import__("aws_cdk").aws_iam.ServicePrincipal('
        '"es.amazonaws.com"))\n        trail_log = log_group(')),
    "tasks reach addresses of somebody's list": ("stages", 's3_prefix_list: str = "pl-7ca54015"',
        's3_prefix_list: str = "pl-99999999"'),
    "endpoints are open to the whole network": ("network",
        "security_groups=[self._endpoints], open=False", "security_groups=[self._endpoints]"),
    "an endpoint is passed by": ("network", "security_groups=[self._endpoints], open=False",
        "security_groups=[self._endpoints], open=False, private_dns_enabled=False"),
    "another account pulls images": ("registry", "        add_deployer(self, stage, self.images)",
        ('        self.images.grant_pull(__import__("aws_cdk").aws_iam.AccountPrincipal('
        '"999999999999"))\n        add_deployer(self, stage, self.images)')),
    "images are copied to another account": ("registry",
        "        add_deployer(self, stage, self.images)",
        ('        ecr.CfnReplicationConfiguration(self, "Copy", replication_configuration='
        '{"rules": [{"destinations": [{"region": "eu-west-2", "registryId": "999999999999"}]}]})\n'
        "        add_deployer(self, stage, self.images)")),
    "the week begins with publishing": ("weekly", '"StartAt": "load",', '"StartAt": "publish",'),
    "what was built is not published": ("weekly", '"Next": "publish"}', '"Next": VERIFY}'),
    "each week is built from the first": ("weekly", "                retry_attempts=3,",
        ("                retry_attempts=3, input=scheduler.ScheduleTargetInput.from_object("
        '{"rebuild_from": "2020-01-06"}),')),
    "alarms go to the internet": ("watch", "        if stage.alarm_email:",
        ("        self.topic.add_subscription(subscriptions.UrlSubscription("
        '"https://collector.example/x"))\n        if stage.alarm_email:')),
    "anybody in the organisation alerts": ("watch", "        if stage.alarm_email:",
        ('        self.topic.grant_publish(iam.OrganizationPrincipal("o-9999999999"))\n'
        "        if stage.alarm_email:")),
    "secrets are copied to another region": ("tasks", "            encryption_key=keys.state,",
        ("            encryption_key=keys.state, replica_regions=[secrets.ReplicaRegion("
        'region="us-east-1")],')),
    "the masking key is renewed every day": ("tasks",
        "        self.roles = {step: self._role(step)",
        ('        secrets.CfnRotationSchedule(self, "Renew", '
        "secret_id=self.masking_key.secret_arn, rotation_rules={\"automaticallyAfterDays\": 1})\n"
        "        self.roles = {step: self._role(step)")),
    "a secret is read by another account": ("tasks",
        "        self.roles = {step: self._role(step)",
        ('        self.masking_key.grant_read(iam.AccountPrincipal("999999999999"))\n'
        "        self.roles = {step: self._role(step)")),
    "a second container runs beside": ("tasks", "        # The home's top level comes first",
        ('        definition.add_container("beside", image=ecs.ContainerImage.from_registry('
        '"collector.example/x"), essential=False)\n        # The home\'s top level comes first')),
    "folders belong to root": ("state", "owner_uid=USER_ID", 'owner_uid="0"'),
    "files are copied to another region": ("state", "            encrypted=True,",
        ("            encrypted=True, replication_configuration="
        'efs.ReplicationConfiguration.regional_file_system("us-east-1"),')),
    "the trail leaves keys out": ("trail", "    return trail",
        ("    trail.node.default_child.add_property_override("
        '"EventSelectors.0.ExcludeManagementEventSources", ["kms.amazonaws.com"])\n'
        "    return trail")),
    "copies of backups are restored elsewhere": ("backup",
        "        removal_policy=RemovalPolicy.RETAIN,\n    )",
        ('        removal_policy=RemovalPolicy.RETAIN,\n        access_policy=__import__("aws_cdk")'
        '.aws_iam.PolicyDocument(statements=[__import__("aws_cdk").aws_iam.PolicyStatement('
        'actions=["backup:*"], principals=[__import__("aws_cdk").aws_iam.AccountPrincipal('
        '"999999999999")])]),\n    )')),
    "releases are kept for a month": ("stages", "retention_days: int = 104 * 7",
        "retention_days: int = 4 * 7"),
    "the deployer takes any role of CDK in any region": ("deployer",
        "-{stage.account}-{region}", "-{stage.account}-*"),
}  # fmt: skip


class _Loader(importlib.machinery.SourceFileLoader):
    """Load a module as if its file had been edited, without its bytecode."""

    edit: Edit = ("", "", "")

    def get_data(self, path: str) -> bytes:
        text = Path(path).read_text("utf-8")
        module, old, new = self.edit
        if Path(path).stem == module:
            assert old in text, f"{module} has no {old!r} any more"
            text = text.replace(old, new)
        # Its findings have their own tests, and take half of the time.
        if Path(path).stem == "application":
            text = text.replace("    acknowledge(weekly, registry, stage)\n", "")
            text = text.replace(
                "    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))\n", ""
            )
        return text.encode()

    def path_stats(self, path: str) -> Any:
        raise OSError(path)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        package, _, module = name.partition(".")
        if package != PACKAGE or not module:
            return None
        file = FOLDER / f"{module}.py"
        return importlib.util.spec_from_file_location(name, file, loader=_Loader(name, str(file)))


@contextmanager
def edited(edit: Edit) -> Iterator[ModuleType]:
    """Return the application after one edit of the source."""

    def forget() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]
        return {name: sys.modules.pop(name) for name in names}

    was = forget()
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    _Loader.edit = edit
    try:
        yield importlib.import_module(f"{PACKAGE}.application")
    finally:
        sys.meta_path.remove(finder)
        forget()
        sys.modules.update(was)


def sentences(edit: Edit, folder: Path) -> list[str]:
    """Synthesise production with an edit; list the sentences that it breaks."""
    with edited(edit) as application:
        try:
            application.make_app("production", DIGEST, str(folder)).synth()
        except (RuntimeError, ValueError, TypeError) as error:
            return [f"It cannot be synthesised: {str(error).splitlines()[0]}"]
    found = [
        sentence
        for stack, ending in STACKS.items()
        for sentence in broken(
            stack, read(folder / f"PersonaAccess-production{ending}.template.json")
        )
    ]
    artifacts = read(folder / "manifest.json")["artifacts"]
    if not all(
        artifacts[f"PersonaAccess-production{ending}"]["properties"].get("terminationProtection")
        for ending in STACKS.values()
    ):
        found.append("No stack can be deleted by mistake.")
    return found


def test_without_an_edit_every_sentence_holds(tmp_path: Path) -> None:
    assert sentences(("none", "", ""), tmp_path) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_the_source_breaks_a_sentence(name: str, tmp_path: Path) -> None:
    assert sentences(EDITS[name], tmp_path)


def test_there_are_as_many_edits_as_were_found_and_more() -> None:
    assert len(EDITS) >= 64 + 20 + 28 + 28
