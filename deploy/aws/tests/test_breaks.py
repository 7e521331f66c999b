"""Each change of the template that breaks a reviewed property is detected and shown."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import read
from exact import NOTHING_ELSE, broken
from reviewed import review_stack
from template import Json

MAIN = "PersonaAccess-production"
REGISTRY, SECOND = f"{MAIN}-registry", f"{MAIN}-second-region"
Break = Callable[[Json], None]
OTHER_ACCOUNT = "arn:aws:iam::999999999999:root"


def resource(template: Json, start: str, kind: str) -> Json:
    """Find the only resource of a type whose logical id has this start."""
    (found,) = (
        found
        for logical, found in template["Resources"].items()
        if logical.startswith(start) and found["Type"] == f"AWS::{kind}"
    )
    return dict(found)


def put(start: str, kind: str, value: Any, *path: Any) -> Break:
    """Change one value, or remove it if the new value is None."""

    def break_it(template: Json) -> None:
        place = resource(template, start, kind)["Properties"]
        for key in path[:-1]:
            place = place[key] if isinstance(place, list) else place.setdefault(key, {})
        if value is not None:
            place[path[-1]] = value
        else:
            place.pop(path[-1])

    return break_it


def say(start: str, kind: str, statement: Json, document: str = "PolicyDocument") -> Break:
    """Add a statement to a policy."""

    def break_it(template: Json) -> None:
        resource(template, start, kind)["Properties"][document]["Statement"].append(statement)

    return break_it


def add(kind: str, **properties: Any) -> Break:
    """Add a resource."""

    def break_it(template: Json) -> None:
        template["Resources"]["Added"] = {"Type": f"AWS::{kind}", "Properties": properties}

    return break_it


def drop(start: str, kind: str) -> Break:
    """Remove a resource."""

    def break_it(template: Json) -> None:
        gone = resource(template, start, kind)
        template["Resources"] = {k: v for k, v in template["Resources"].items() if v != gone}

    return break_it


def kept(start: str, kind: str) -> Break:
    """Delete a resource with its stack."""

    def break_it(template: Json) -> None:
        resource(template, start, kind)
        for logical, found in template["Resources"].items():
            if logical.startswith(start) and found["Type"] == f"AWS::{kind}":
                found["DeletionPolicy"] = "Delete"

    return break_it


def at(start: str, kind: str, key: str) -> Break:
    """Let a resource be deleted with its stack or when it is replaced."""

    def break_it(template: Json) -> None:
        for logical, found in template["Resources"].items():
            if logical.startswith(start) and found["Type"] == f"AWS::{kind}":
                assert found[key] == "Retain"
                found[key] = "Delete"

    return break_it


def beside(template: Json) -> None:
    """Run one more container in a task."""
    task = resource(template, "TasksBuild", TASK)["Properties"]
    task["ContainerDefinitions"].append({"Name": "x", "Image": "collector.example/x"})


def rewritten(template: Json) -> None:
    """Let CloudFormation call a macro."""
    template["Transform"] = "999999999999::Macro"


def in_steps(old: str, new: str, machine: str = "WeeklyMachine") -> Break:
    """Change the definition of a state machine."""

    def break_it(template: Json) -> None:
        properties = resource(template, machine, "StepFunctions::StateMachine")["Properties"]
        text = json.dumps(properties["DefinitionString"])
        assert old in text, old
        properties["DefinitionString"] = json.loads(text.replace(old, new, 1))

    return break_it


def allow(action: str, on: Any = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


ANYBODY = {"AWS": "*"}
TASK, ROLE, POLICY = "ECS::TaskDefinition", "IAM::Role", "IAM::Policy"
BUCKET, BUCKET_POLICY, KEY = "S3::Bucket", "S3::BucketPolicy", "KMS::Key"
ALARM, DOOR = "CloudWatch::Alarm", "EFS::AccessPoint"
TRUST = ("AssumeRolePolicyDocument", "Statement", 0)
CONTAINER = ("ContainerDefinitions", 0)
LOCK = ("ObjectLockConfiguration", "Rule", "DefaultRetention")

BREAKS: dict[str, Break] = {
    # Buckets
    "the publish bucket is readable by another account": say(
        "BucketsPublishPolicy", BUCKET_POLICY,
        allow("s3:GetObject", Principal={"AWS": OTHER_ACCOUNT}),
    ),
    "the drop bucket is readable by anybody": say(
        "BucketsDropPolicy", BUCKET_POLICY, allow("s3:GetObject", Principal=ANYBODY)
    ),
    "objects of the audit bucket can be deleted": say(
        "BucketsAuditPolicy", BUCKET_POLICY, allow("s3:DeleteObject", Principal=ANYBODY)
    ),
    "a bucket allows public policies": put(
        "BucketsPublish", BUCKET, False, "PublicAccessBlockConfiguration", "BlockPublicPolicy"
    ),
    "a bucket keeps no old versions": put("BucketsDrop", BUCKET, None, "VersioningConfiguration"),
    "a bucket has another key": put("BucketsDrop", BUCKET, "alias/aws/s3", "BucketEncryption",
        "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "KMSMasterKeyID"),
    "SSE-C is allowed": put("BucketsDropPolicy", BUCKET_POLICY, None, "PolicyDocument", "Statement",
        4),
    "the audit bucket's lock is in governance mode": put(
        "BucketsAudit", BUCKET, "GOVERNANCE", *LOCK, "Mode"),
    "the lock of the audit bucket lasts a day": put("BucketsAudit", BUCKET, 1, *LOCK, "Days"),
    "releases never expire": put("BucketsPublish", BUCKET, None, "LifecycleConfiguration",
        "Rules", 0, "ExpirationInDays"),
    "releases expire after a day": put("BucketsPublish", BUCKET, 1, "LifecycleConfiguration",
        "Rules", 0, "ExpirationInDays"),
    "old versions expire at once": put("BucketsPublish", BUCKET, 1, "LifecycleConfiguration",
        "Rules",
        0, "NoncurrentVersionExpiration", "NoncurrentDays"),
    "a lifecycle rule is switched off": put("BucketsDrop", BUCKET, "Disabled",
        "LifecycleConfiguration", "Rules", 0, "Status"),
    "access is not logged": put("BucketsPublish", BUCKET, None, "LoggingConfiguration"),
    "a bucket is deleted with its stack": kept("BucketsAudit", BUCKET),
    "a bucket is copied elsewhere": put("BucketsPublish", BUCKET, {"Role": "x", "Rules": []},
        "ReplicationConfiguration"),
    "a website serves the releases": put("BucketsPublish", BUCKET, {"IndexDocument": "x"},
        "WebsiteConfiguration"),
    "releases go to the drop bucket": put("TasksPublish", TASK, "s3://drop", *CONTAINER,
        "Environment", 9, "Value"),
    "anchors are outside the locked bucket": put("TasksPublish", TASK, "s3://drop/anchors",
        *CONTAINER, "Environment", 10, "Value"),
    # Files
    "a door is opened as root": put("StateFilesRaw", DOOR, "0", "PosixUser", "Uid"),
    "a door opens every folder": put("StateFilesRaw", DOOR, "/", "RootDirectory", "Path"),
    "a folder is open to all users": put("StateFilesRaw", DOOR, "777", "RootDirectory",
        "CreationInfo", "Permissions"),
    "a folder is mounted without IAM": put("TasksBuild", TASK, "DISABLED", "Volumes", 0,
        "EFSVolumeConfiguration", "AuthorizationConfig", "IAM"),
    "a folder is mounted without TLS": put("TasksBuild", TASK, "DISABLED", "Volumes", 0,
        "EFSVolumeConfiguration", "TransitEncryption"),
    "a read-only folder is writable": put("TasksBuild", TASK, False, *CONTAINER, "MountPoints",
        2, "ReadOnly"),
    "files can be reached without a door": put("StateFiles", "EFS::FileSystem", None,
        "FileSystemPolicy", "Statement", 1),
    "files are not encrypted": put("StateFiles", "EFS::FileSystem", False, "Encrypted"),
    "files are deleted with their stack": kept("StateFiles", "EFS::FileSystem"),
    "backups are kept for a day": put("BackupPlan", "Backup::BackupPlan", 1, "BackupPlan",
        "BackupPlanRule", 0, "Lifecycle", "DeleteAfterDays"),
    "backups are not copied": put("BackupPlan", "Backup::BackupPlan", None, "BackupPlan",
        "BackupPlanRule", 0, "CopyActions"),
    "backups can be deleted": put("Vault", "Backup::BackupVault", None, "LockConfiguration"),
    # Keys and secrets
    "a key is deleted after seven days": put("KeysState", KEY, 7, "PendingWindowInDays"),
    "a key never rotates": put("KeysState", KEY, False, "EnableKeyRotation"),
    "anybody can use a key": say("KeysPublished", KEY, allow("kms:Decrypt", Principal=ANYBODY),
        "KeyPolicy"),
    "another account can use a key": say("KeysState", KEY,
        allow("kms:*", Principal={"AWS": OTHER_ACCOUNT}), "KeyPolicy"),
    "a key is deleted with its stack": kept("KeysRecords", KEY),
    "the encryption key is short": put("TasksEncryptionKey", "SecretsManager::Secret", 8,
        "GenerateSecretString", "PasswordLength"),
    "the masking key is a fixed word": put("TasksMaskingKey", "SecretsManager::Secret", "word",
        "SecretString"),
    # Tasks
    "ECS exec opens a shell": in_steps('\\"EnableExecuteCommand\\":false',
        '\\"EnableExecuteCommand\\":true'),
    "the image is a tag": put("TasksBuild", TASK, "persona-access:latest", *CONTAINER, "Image"),
    "a container is writable everywhere": put("TasksBuild", TASK, False, *CONTAINER,
        "ReadonlyRootFilesystem"),
    "a container runs as root": put("TasksBuild", TASK, "0:0", *CONTAINER, "User"),
    "a container is privileged": put("TasksBuild", TASK, True, *CONTAINER, "Privileged"),
    "a container runs another command": put("TasksBuild", TASK, ["prune", "--yes"], *CONTAINER,
        "Command"),
    "the masking key is in the environment": put("TasksLoad", TASK, "x", *CONTAINER,
        "Environment", 0, "Name"),
    "a step gets one more secret": put("TasksLoad", TASK, "PERSONA_ACCESS_MASKING_KEY", *CONTAINER,
        "Secrets", 0, "Name"),
    "a task has less memory than declared": put("TasksBuild", TASK, "2048", "Memory"),
    "DuckDB uses four of sixteen gigabytes": put("TasksBuild", TASK, "4GB", *CONTAINER,
        "Environment", 12, "Value"),
    "a task is killed at once": put("TasksBuild", TASK, 2, *CONTAINER, "StopTimeout"),
    "scratch storage has no key of ours": put("WeeklyCluster", "ECS::Cluster", None,
        "Configuration"),
    # Roles
    "the loader deletes": say("TasksLoadRoleDefaultPolicy", POLICY, allow("s3:DeleteObject")),
    "the builder reads deliveries": say("TasksBuildRoleDefaultPolicy", POLICY,
        allow("s3:GetObject")),
    "publishing has every right": say("TasksPublishRoleDefaultPolicy", POLICY, allow("*")),
    "a role gets a managed policy": put("TasksLoadRole", ROLE,
        ["arn:aws:iam::aws:policy/AdministratorAccess"], "ManagedPolicyArns"),
    "a role has an inline policy": put("TasksLoadRole", ROLE, [{"PolicyName": "x"}], "Policies"),
    "another service can assume a role": put("TasksLoadRole", ROLE,
        {"Service": "lambda.amazonaws.com"}, *TRUST, "Principal"),
    "another account can assume a task's role": put("TasksLoadRole", ROLE, None, *TRUST,
        "Condition"),
    "analysts can read all releases": say("AnalystDefaultPolicy", POLICY, allow("s3:GetObject")),
    "analysts need no second factor": put("Analyst", ROLE, None, *TRUST, "Condition"),
    "analysts of another account": put("Analyst", ROLE, {"AWS": OTHER_ACCOUNT}, *TRUST,
        "Principal"),
    "a session lasts 12 hours": put("Analyst", ROLE, 43200, "MaxSessionDuration"),
    "a sender can write everywhere": say("SenderHrHeadcountDefaultPolicy", POLICY,
        allow("s3:PutObject")),
    "a sender reads": say("SenderHrHeadcountDefaultPolicy", POLICY, allow("s3:GetObject")),
    "operators can pass any role": say("OperatorDefaultPolicy", POLICY, allow("iam:PassRole")),
    "operators decrypt": say("OperatorDefaultPolicy", POLICY, allow("kms:Decrypt")),
    # The run
    "the schedule is disabled": put("WeeklyStart", "Scheduler::Schedule", "DISABLED", "State"),
    "the schedule is monthly": put("WeeklyStart", "Scheduler::Schedule", "cron(0 6 1 * ? *)",
        "ScheduleExpression"),
    "a start is not retried": put("WeeklyStart", "Scheduler::Schedule", 0, "Target",
        "RetryPolicy", "MaximumRetryAttempts"),
    "dead letters expire after a minute": put("WeeklyDeadLetters", "SQS::Queue", 60,
        "MessageRetentionPeriod"),
    "dead letters cannot be encrypted": put("WeeklyStartRoleDefaultPolicy", POLICY, None,
        "PolicyDocument", "Statement", 0),
    "a failed load is published": in_steps('\\"Default\\":\\"LoadFailed\\"',
        '\\"Default\\":\\"build\\"'),
    "nobody is alerted to refused files": in_steps('\\"Next\\":\\"TellRefused\\"',
        '\\"Next\\":\\"build\\"'),
    "nothing is verified": in_steps('\\"Next\\":\\"verify\\"', '\\"End\\":true'),
    "a step has a public address": in_steps('\\"AssignPublicIp\\":\\"DISABLED\\"',
        '\\"AssignPublicIp\\":\\"ENABLED\\"'),
    # Alarms, trail, logs
    "an alarm counts successes": put("WatchFailed", ALARM, "ExecutionsSucceeded", "MetricName"),
    "an alarm waits for 100 periods": put("WatchFailed", ALARM, 100, "EvaluationPeriods"),
    "an alarm never fires": put("WatchLate", ALARM, 1000000, "Threshold"),
    "an alarm is disabled": put("WatchLate", ALARM, False, "ActionsEnabled"),
    "an alarm notifies nobody": put("WatchLate", ALARM, None, "AlarmActions"),
    "a silent watch raises no alarm": put("WatchWatchSilent", ALARM, "notBreaching",
        "TreatMissingData"),
    "an alarm reads another namespace": put("WatchMissing", ALARM, "x", "Namespace"),
    "the trail has no management events": put("Trail", "CloudTrail::Trail", False,
        "EventSelectors", 0, "IncludeManagementEvents"),
    "the trail is disabled": put("Trail", "CloudTrail::Trail", False, "IsLogging"),
    "the trail records only writes": put("Trail", "CloudTrail::Trail", "WriteOnly",
        "EventSelectors", 0, "ReadWriteType"),
    "the trail has no digests": put("Trail", "CloudTrail::Trail", False,
        "EnableLogFileValidation"),
    "the trail records one region": put("Trail", "CloudTrail::Trail", False, "IsMultiRegionTrail"),
    "logs are kept for a day": put("RunLog", "Logs::LogGroup", 1, "RetentionInDays"),
    "logs are not encrypted": put("RunLog", "Logs::LogGroup", None, "KmsKeyId"),
    "tampering alerts nobody": put("Tampering", "Events::Rule", "DISABLED", "State"),
    "alarms go to another account": add("SNS::Subscription", Endpoint=OTHER_ACCOUNT),
    # Network
    "there is internet access": add("EC2::InternetGateway"),
    "the network is peered with another": add("EC2::VPCPeeringConnection"),
    "tasks reach everybody": add("EC2::SecurityGroupEgress", CidrIp="0.0.0.0/0"),
    "everybody reaches tasks": add("EC2::SecurityGroupIngress", CidrIp="0.0.0.0/0"),
    "an endpoint serves every account": put("NetworkVpcKeys", "EC2::VPCEndpoint", None,
        "PolicyDocument", "Statement", 0, "Condition"),
    "only refused flows are logged": put("NetworkVpcFlowLog", "EC2::FlowLog", "REJECT",
        "TrafficType"),
    "a function is added": add("Lambda::Function", Code="x"),
}  # fmt: skip
BREAKS_ELSEWHERE: dict[str, tuple[str, Break]] = {
    "image tags can be moved": (
        REGISTRY, put("Images", "ECR::Repository", "MUTABLE", "ImageTagMutability")),
    "images are not scanned": (REGISTRY, put("Images", "ECR::Repository", False,
        "ImageScanningConfiguration", "ScanOnPush")),
    "any branch deploys": (REGISTRY, put("Deployer", ROLE, "repo:example-bank/persona-access:*",
        *TRUST, "Condition", "StringEquals", "token.actions.githubusercontent.com:sub")),
    "any repository deploys": (REGISTRY, put("Deployer", ROLE, None, *TRUST, "Condition")),
    "the deployer has every right": (REGISTRY, say("DeployerDefaultPolicy", POLICY, allow("*"))),
    "anybody pulls images": (REGISTRY, put("Images", "ECR::Repository",
        {"Statement": [allow("ecr:*", Principal=ANYBODY)]}, "RepositoryPolicyText")),
    "copies of backups can be deleted": (SECOND, put("Vault", "Backup::BackupVault", None,
        "LockConfiguration")),
    "another account can read copies of backups": (SECOND, put("Vault", "Backup::BackupVault",
        {"Statement": [allow("backup:*", Principal={"AWS": OTHER_ACCOUNT})]}, "AccessPolicy")),
}  # fmt: skip
MORE: dict[str, Break] = {
    # Twenty breaks of other kinds, each detected by its sentence.
    "a container has an extra variable": put("TasksLoad", TASK,
        [{"Name": "PERSONA_ACCESS_LOG_PEOPLE", "Value": "true"}], *CONTAINER, "Environment"),
    "logs show people": put("TasksBuild", TASK, "PERSONA_ACCESS_LOG_PEOPLE", *CONTAINER,
        "Environment", 9, "Name"),
    "a sender decrypts releases": put("SenderHrHeadcountDefaultPolicy", POLICY, "*",
        "PolicyDocument", "Statement", 1, "Resource"),
    "a sender can decrypt through any service": put("SenderHrHeadcountDefaultPolicy", POLICY, None,
        "PolicyDocument", "Statement", 1, "Condition"),
    "a key rotates every seven years": put("KeysPublished", KEY, 2557, "RotationPeriodInDays"),
    "a policy applies to one more role": put("TasksPublishRoleDefaultPolicy", POLICY,
        [{"Ref": "Analyst"}], "Roles"),
    "a step runs as the role that starts it": put("TasksBuild", TASK,
        {"Fn::GetAtt": ["TasksBuildStart", "Arn"]}, "TaskRoleArn"),
    "starting a step reads both secrets": say("TasksLoadStartDefaultPolicy", POLICY,
        allow("secretsmanager:GetSecretValue")),
    "answers are kept for years": put("BucketsPublish", BUCKET, 700, "LifecycleConfiguration",
        "Rules", 1, "ExpirationInDays"),
    "the masking key is deleted with its stack": kept("TasksMaskingKey", "SecretsManager::Secret"),
    "a step is never retried": in_steps('\\"MaxAttempts\\":3', '\\"MaxAttempts\\":0'),
    "a step is retried after any failure": in_steps('\\"ECS.ServerException\\"',
        '\\"States.ALL\\"'),
    "any fault of a load counts as a refused file": in_steps(
        '\\"ErrorEquals\\":[\\"States.TaskFailed\\"]',
        '\\"ErrorEquals\\":[\\"States.ALL\\"]'),
    "a step can take three weeks": in_steps('\\"TimeoutSeconds\\":10800',
        '\\"TimeoutSeconds\\":1814400'),
    "the nightly check is yearly": put("NightlyStart", "Scheduler::Schedule",
        "cron(0 3 1 1 ? *)", "ScheduleExpression"),
    "an alarm is evaluated once a day": put("WatchFailed", ALARM, 86400, "Period"),
    "an alarm averages": put("WatchMissing", ALARM, "Average", "Statistic"),
    "an alarm can be reset unseen": put("WatchFailed", ALARM, 5, "DatapointsToAlarm"),
    "releases are archived after a day": put("BucketsPublish", BUCKET,
        [{"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 1}], "LifecycleConfiguration",
        "Rules", 0, "Transitions"),
    "anybody is allowed from the network's own endpoint": put("BucketsPublishPolicy", BUCKET_POLICY,
        "StringNotEqualsIfExists", "PolicyDocument", "Statement", 5, "Condition",
        "StringNotEquals"),
    "another group can reach files": put("StateFilesEfsMountTarget1", "EFS::MountTarget",
        ["sg-1"], "SecurityGroups"),
    "tasks share the host's processes": put("TasksBuild", TASK, "host", "PidMode"),
    "tampering with keys alerts nobody": put("Tampering", "Events::Rule", ["x"],
        "EventPattern", "detail", "eventName"),
    "the log of the tasks goes elsewhere": put("TasksBuild", TASK, "x", *CONTAINER,
        "LogConfiguration", "Options", "awslogs-group"),
}  # fmt: skip
# What somebody with the right to commit would try: properties that no stage has, but AWS obeys.
TRIED: dict[str, Break] = {
    "deliveries are reported to a foreign queue": put("BucketsDrop", BUCKET,
        {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:::x"}]},
        "NotificationConfiguration"),
    "names of releases are listed elsewhere": put("BucketsPublish", BUCKET,
        [{"Id": "x", "Destination": {"BucketArn": "arn:aws:s3:::x"}}], "InventoryConfigurations"),
    "a bucket has an access list": put("BucketsPublish", BUCKET, "PublicRead", "AccessControl"),
    "deliveries pay the requester": put("BucketsDrop", BUCKET, {"AccelerationStatus": "Enabled"},
        "AccelerateConfiguration"),
    "a key is in every region": put("KeysState", KEY, True, "MultiRegion"),
    "a key locks its owners out": put("KeysState", KEY, True, "BypassPolicyLockoutSafetyCheck"),
    "a secret is copied to another region": put("TasksMaskingKey", "SecretsManager::Secret",
        [{"Region": "us-east-1"}], "ReplicaRegions"),
    "a secret is read by another account": add("SecretsManager::ResourcePolicy",
        SecretId="x", ResourcePolicy=allow("*", Principal={"AWS": OTHER_ACCOUNT})),
    "files are copied to another region": put("StateFiles", "EFS::FileSystem",
        {"Destinations": [{"Region": "us-east-1"}]}, "ReplicationConfiguration"),
    "a door opens for another group, too": put("StateFilesRaw", DOOR, ["0"], "PosixUser",
        "SecondaryGids"),
    "a container may load modules": put("TasksBuild", TASK,
        {"Capabilities": {"Add": ["SYS_ADMIN"]}}, *CONTAINER, "LinuxParameters"),
    "a container reads variables from a bucket": put("TasksBuild", TASK,
        [{"Type": "s3", "Value": "arn:aws:s3:::x/y"}], *CONTAINER, "EnvironmentFiles"),
    "a second container runs beside": beside,
    "the run acts by the role of the watch": put("WeeklyMachine", "StepFunctions::StateMachine",
        {"Fn::GetAtt": ["WatchMachineRole", "Arn"]}, "RoleArn"),
    "the run is logged nowhere": put("WeeklyMachine", "StepFunctions::StateMachine", None,
        "LoggingConfiguration"),
    "the week begins with publishing": in_steps('\\"StartAt\\":\\"load\\"',
        '\\"StartAt\\":\\"publish\\"'),
    "the schedule ends": put("WeeklyStart", "Scheduler::Schedule", "2027-01-01T00:00:00Z",
        "EndDate"),
    "the week starts some time": put("WeeklyStart", "Scheduler::Schedule",
        {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}, "FlexibleTimeWindow"),
    "an alarm watches another run": put("WatchFailed", ALARM, [{"Name": "x", "Value": "y"}],
        "Dimensions"),
    "an alarm acts on something else": put("WatchFailed", ALARM,
        ["arn:aws:automate:eu-west-2:ec2:stop"], "OKActions"),
    "an endpoint leads to somebody's service": put("NetworkVpcKeys", "EC2::VPCEndpoint",
        "com.amazonaws.vpce.eu-west-2.vpce-svc-9", "ServiceName"),
    "a policy is for a user, too": put("TasksLoadRoleDefaultPolicy", POLICY, ["mallory"], "Users"),
    "a trail tells another topic": put("Trail", "CloudTrail::Trail", "x", "SnsTopicName"),
    "the trail leaves keys out": put("Trail", "CloudTrail::Trail", ["kms.amazonaws.com"],
        "EventSelectors", 0, "ExcludeManagementEventSources"),
    "the log is streamed to another account": add("Logs::SubscriptionFilter", LogGroupName="x"),
    "the log is shared by a policy": add("Logs::ResourcePolicy", PolicyName="x"),
    "a policy means its variables as text": put("TasksLoadRoleDefaultPolicy", POLICY, "2008-10-17",
        "PolicyDocument", "Version"),
    "a bucket that is replaced is deleted": at("BucketsAudit", BUCKET, "UpdateReplacePolicy"),
    "a function rewrites the template": rewritten,
}  # fmt: skip
ALL = {name: (MAIN, found) for name, found in (BREAKS | MORE | TRIED).items()} | BREAKS_ELSEWHERE
# An added resource has no sentence of its own: it breaks the sentence that nothing else exists.
ADDED = {
    "a bucket is copied elsewhere",
    "a website serves the releases",
    "alarms go to another account",
    "there is internet access",
    "the network is peered with another",
    "a function is added",
    "a second container runs beside",
    "deliveries are reported to a foreign queue",
    "names of releases are listed elsewhere",
    "deliveries pay the requester",
    "a key locks its owners out",
    "a secret is read by another account",
    "the log is streamed to another account",
    "the log is shared by a policy",
}


@pytest.mark.parametrize("name", ALL)
def test_a_break_is_seen_and_shown(name: str, synthesised: Path) -> None:
    stack, break_it = ALL[name]
    template = read(synthesised / f"{stack}.template.json")
    about = read(synthesised / "manifest.json")["artifacts"][stack]
    broken = copy.deepcopy(template)
    break_it(broken)
    was = review_stack(stack, template, about)
    now = review_stack(stack, broken, about)
    shown = [
        line
        for topic in was.keys() | now.keys()
        for line in difflib.ndiff(was.get(topic, []), now.get(topic, []))
        if line[0] in "+-"
    ]
    assert shown
    # One break gives a few lines to read, not a page.
    assert len(shown) < 40


@pytest.mark.parametrize("name", ALL)
def test_a_break_is_explained_by_the_sentence_of_a_guarantee(name: str, synthesised: Path) -> None:
    stack, break_it = ALL[name]
    template = read(synthesised / f"{stack}.template.json")
    said = stack.removeprefix(MAIN).removeprefix("-") or "main"
    assert broken(said, template) == []
    break_it(template)
    sentences = broken(said, template)
    assert sentences
    assert (sentences == [NOTHING_ELSE]) == (name in ADDED), sentences


def test_there_are_as_many_breaks_as_were_found_and_more() -> None:
    assert len(BREAKS | BREAKS_ELSEWHERE) >= 64
    assert len(MORE) >= 20
    assert len(TRIED) >= 20
