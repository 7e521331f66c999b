"""The guarantees of the template: each with a sentence, a check, and a way to break it.

A check raises AssertionError if the guarantee is broken; `sabotage` breaks a copy of the template,
to prove that the check can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from template import (
    Json,
    actions_of_role,
    as_list,
    bucket_statements,
    edit_machine,
    machine_states,
    of_type,
    one,
    statements_of_role,
    text,
)

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project.yml"
BUCKETS = ("BucketsDrop", "BucketsPublish", "BucketsAudit", "BucketsAccessLogs")
KMS_BUCKETS = BUCKETS[:3]
TASKS = ("TasksLoad", "TasksBuild", "TasksPublish")
ROLES = tuple(f"{task}Role" for task in TASKS)
ALARMS = {"Failed", "TimedOut", "Aborted", "Throttled", "Missing", "Late", "Undelivered",
          "FileRefused", "AuditBroken"}  # fmt: skip


@dataclass(frozen=True)
class Guarantee:
    """A sentence, its check, and the change that breaks it."""

    sentence: str
    check: Callable[[Json], None]
    sabotage: Callable[[Json], Any]


GUARANTEES: list[Guarantee] = []


def guarantee(
    sentence: str, sabotage: Callable[[Json], Any]
) -> Callable[[Callable[[Json], None]], Callable[[Json], None]]:
    """Register a check under its sentence."""

    def register(check: Callable[[Json], None]) -> Callable[[Json], None]:
        GUARANTEES.append(Guarantee(sentence, check, sabotage))
        return check

    return register


def deny_sids(template: Json, bucket: str) -> set[str]:
    return {
        str(statement.get("Sid") or text(statement.get("Condition")))
        for statement in bucket_statements(template, bucket)
        if statement["Effect"] == "Deny"
    }


def drop_statements(template: Json, bucket: str, holding: str) -> None:
    (statements,) = (
        policy["PolicyDocument"]
        for policy in of_type(template, "S3::BucketPolicy").values()
        if policy["Bucket"].get("Ref", "").startswith(bucket)
    )
    statements["Statement"] = [s for s in statements["Statement"] if holding not in text(s)]


def widen(template: Json, role: str, action: str) -> None:
    statements_of_role(template, role)[0]["Action"] = action


def a_container(template: Json) -> Json:
    return one(template, "ECS::TaskDefinition", "TasksBuild")["ContainerDefinitions"][0]


# Buckets ------------------------------------------------------------------------------------------


@guarantee(
    "Every bucket refuses requests without TLS, and below TLS 1.2.",
    lambda t: drop_statements(t, "BucketsPublish", "aws:SecureTransport"),
)
def only_tls(template: Json) -> None:
    assert len(of_type(template, "S3::Bucket")) == len(BUCKETS)
    for bucket in BUCKETS:
        said = [
            s
            for s in bucket_statements(template, bucket)
            if s["Effect"] == "Deny" and s["Action"] == "s3:*" and s["Principal"] == {"AWS": "*"}
        ]
        conditions = [s["Condition"] for s in said]
        assert {"Bool": {"aws:SecureTransport": "false"}} in conditions, bucket
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions, bucket


@guarantee(
    "Every bucket keeps old versions.",
    lambda t: one(t, "S3::Bucket", "BucketsDrop").pop("VersioningConfiguration"),
)
def versioned(template: Json) -> None:
    for name, bucket in of_type(template, "S3::Bucket").items():
        assert bucket.get("VersioningConfiguration") == {"Status": "Enabled"}, name


@guarantee(
    "Every bucket blocks public access, and only its owner owns objects.",
    lambda t: one(t, "S3::Bucket", "BucketsAudit")["PublicAccessBlockConfiguration"].update(
        BlockPublicPolicy=False
    ),
)
def closed(template: Json) -> None:
    for name, bucket in of_type(template, "S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert text(bucket["OwnershipControls"]).count("BucketOwnerEnforced") == 1, name


@guarantee(
    "Access to every bucket is logged in the bucket of access logs.",
    lambda t: one(t, "S3::Bucket", "BucketsPublish").pop("LoggingConfiguration"),
)
def access_logged(template: Json) -> None:
    for bucket in KMS_BUCKETS:
        logging = one(template, "S3::Bucket", bucket).get("LoggingConfiguration", {})
        assert "BucketsAccessLogs" in text(logging), bucket


@guarantee(
    "Deliveries, releases and records are each encrypted with their own key.",
    lambda t: one(t, "S3::Bucket", "BucketsDrop").update(
        BucketEncryption=one(t, "S3::Bucket", "BucketsPublish")["BucketEncryption"]
    ),
)
def own_keys(template: Json) -> None:
    keys = set()
    for bucket in KMS_BUCKETS:
        (rule,) = one(template, "S3::Bucket", bucket)["BucketEncryption"][
            "ServerSideEncryptionConfiguration"
        ]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        keys.add(text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]))
    assert len(keys) == len(KMS_BUCKETS)


@guarantee(
    "No object can be written with another key.",
    lambda t: drop_statements(t, "BucketsDrop", "OnlyOwnKey"),
)
def no_other_key(template: Json) -> None:
    for bucket in KMS_BUCKETS:
        assert {"OnlyKms", "OnlyOwnKey"} <= deny_sids(template, bucket), bucket


@guarantee(
    "Nobody can change or delete the audit bucket's objects before they expire.",
    lambda t: one(t, "S3::Bucket", "BucketsAudit")["ObjectLockConfiguration"]["Rule"][
        "DefaultRetention"
    ].update(Mode="GOVERNANCE"),
)
def locked(template: Json) -> None:
    retention = one(template, "S3::Bucket", "BucketsAudit")["ObjectLockConfiguration"]["Rule"]
    assert retention["DefaultRetention"] == {"Mode": "COMPLIANCE", "Days": 2557}


@guarantee(
    "Deliveries and releases expire by the retention policy; records do not.",
    lambda t: one(t, "S3::Bucket", "BucketsPublish")["LifecycleConfiguration"]["Rules"][0].pop(
        "ExpirationInDays"
    ),
)
def forgotten(template: Json) -> None:
    (weeks,) = re.findall(r"^  retention_weeks: (\d+)$", PROJECT.read_text("utf-8"), re.M)
    for bucket, days in (("Drop", 7 * int(weeks)), ("Publish", 7 * int(weeks)), ("Audit", None)):
        found = one(template, "S3::Bucket", f"Buckets{bucket}")
        rule, *others = found["LifecycleConfiguration"]["Rules"]
        assert [other["Prefix"] for other in others] == (
            ["answers/"] if bucket == "Publish" else []
        )
        assert rule["Status"] == "Enabled"
        assert rule.get("ExpirationInDays") == days, bucket
        # Otherwise each expired object would remain as an old version.
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}, bucket


@guarantee(
    "Buckets, keys, files and logs are kept when the stack is deleted.",
    lambda t: next(r for r in t["Resources"].values() if r["Type"] == "AWS::S3::Bucket").update(
        DeletionPolicy="Delete"
    ),
)
def retained(template: Json) -> None:
    kinds = {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::EFS::FileSystem", "AWS::Logs::LogGroup"}
    for name, resource in template["Resources"].items():
        if resource["Type"] in kinds:
            assert resource["DeletionPolicy"] == "Retain", name


# Network ------------------------------------------------------------------------------------------


@guarantee(
    "There is no internet access: no gateway, no NAT, no default route, no public address.",
    lambda t: t["Resources"].update(Way={"Type": "AWS::EC2::InternetGateway"}),
)
def no_internet(template: Json) -> None:
    ways = ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "EIP", "Route",
            "VPCPeeringConnection", "TransitGatewayAttachment", "VPNGateway")  # fmt: skip
    for way in ways:
        assert not of_type(template, f"EC2::{way}"), way
    for subnet in of_type(template, "EC2::Subnet").values():
        assert subnet["MapPublicIpOnLaunch"] is False


@guarantee(
    "Each AWS service that a task needs has an endpoint in the network.",
    lambda t: t["Resources"].pop(
        next(n for n, p in of_type(t, "EC2::VPCEndpoint").items() if "kms" in text(p))
    ),
)
def endpoints(template: Json) -> None:
    found = {
        text(endpoint["ServiceName"]).strip('"').split("eu-west-2.")[-1]: endpoint
        for endpoint in of_type(template, "EC2::VPCEndpoint").values()
    }
    kinds = {name: endpoint["VpcEndpointType"] for name, endpoint in found.items()}
    gateways = [name for name, kind in kinds.items() if kind == "Gateway"]
    assert len(gateways) == 1
    assert "s3" in gateways[0]
    needed = {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms", "elasticfilesystem"}
    assert needed == set(kinds) - set(gateways)


@guarantee(
    "Endpoints serve only this account.",
    lambda t: next(
        p for p in of_type(t, "EC2::VPCEndpoint").values() if p["VpcEndpointType"] == "Interface"
    )["PolicyDocument"]["Statement"][0].pop("Condition"),
)
def own_account_endpoints(template: Json) -> None:
    for name, endpoint in of_type(template, "EC2::VPCEndpoint").items():
        for statement in endpoint["PolicyDocument"]["Statement"]:
            if "starport-layer-bucket" in text(statement["Resource"]):
                assert statement["Action"] == "s3:GetObject"
                continue
            assert "333333333333" in text(statement.get("Condition", {})), name


@guarantee(
    "Tasks can reach only the endpoints, S3 through its gateway, and their files.",
    lambda t: t["Resources"].update(
        Open={
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"},
        }
    ),
)
def closed_groups(template: Json) -> None:
    for name, group in of_type(template, "EC2::SecurityGroup").items():
        for rule in group.get("SecurityGroupEgress", []):
            # CDK's way to express "none": an address that nobody has.
            assert rule["CidrIp"] == "255.255.255.255/32", name
        assert not group.get("SecurityGroupIngress"), name
    outward = of_type(template, "EC2::SecurityGroupEgress").values()
    assert not any("CidrIp" in rule or "CidrIpv6" in rule for rule in outward)
    assert sorted(rule["FromPort"] for rule in outward) == [443, 443, 2049]


@guarantee(
    "The network's flows are logged.",
    lambda t: t["Resources"].pop(next(iter(of_type(t, "EC2::FlowLog")))),
)
def flows(template: Json) -> None:
    assert one(template, "EC2::FlowLog")["TrafficType"] == "ALL"


@guarantee(
    "The roles of the tasks work only from their own network.",
    lambda t: drop_statements(t, "BucketsDrop", "TasksOnlyFromTheirNetwork"),
)
def only_from_network(template: Json) -> None:
    for bucket in KMS_BUCKETS:
        (found,) = (
            s
            for s in bucket_statements(template, bucket)
            if s.get("Sid") == "TasksOnlyFromTheirNetwork"
        )
        assert found["Effect"] == "Deny"
        assert "NetworkVpcS3" in text(found["Condition"]["StringNotEquals"]["aws:SourceVpce"])
        assert all(role in text(found["Condition"]["ArnEquals"]) for role in ROLES)


# Keys, files, logs --------------------------------------------------------------------------------


@guarantee(
    "Every key rotates each year.",
    lambda t: next(iter(of_type(t, "KMS::Key").values())).update(EnableKeyRotation=False),
)
def rotation(template: Json) -> None:
    assert len(of_type(template, "KMS::Key")) == 5
    for name, key in of_type(template, "KMS::Key").items():
        assert key.get("EnableKeyRotation") is True, name


@guarantee(
    "Files are encrypted with their own key, backed up, and reached only through a door over TLS.",
    lambda t: one(t, "EFS::FileSystem")["FileSystemPolicy"]["Statement"].pop(0),
)
def files(template: Json) -> None:
    found = one(template, "EFS::FileSystem")
    assert found["Encrypted"] is True
    assert "KeysState" in text(found["KmsKeyId"])
    plan = one(template, "Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert [rule["Lifecycle"]["DeleteAfterDays"] for rule in plan] == [35]
    assert "StateFiles" in text(one(template, "Backup::BackupSelection"))
    statements = found["FileSystemPolicy"]["Statement"]
    assert {s["Effect"] for s in statements} == {"Deny"}
    conditions = [s["Condition"] for s in statements]
    assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
    assert {"Null": {"elasticfilesystem:AccessPointArn": "true"}} in conditions


@guarantee(
    "Every log is encrypted and kept for seven years.",
    lambda t: one(t, "Logs::LogGroup", "RunLog").pop("RetentionInDays"),
)
def logs_kept(template: Json) -> None:
    groups = of_type(template, "Logs::LogGroup")
    assert len(groups) == 3
    for name, group in groups.items():
        assert group.get("RetentionInDays") == 2557, name
        assert "KeysRecords" in text(group["KmsKeyId"]), name


@guarantee(
    "CloudTrail records reads and writes of objects, with digests, in the locked bucket.",
    lambda t: one(t, "CloudTrail::Trail")["EventSelectors"][0]["DataResources"][0]["Values"].pop(),
)
def trail(template: Json) -> None:
    found = one(template, "CloudTrail::Trail")
    assert found["IsLogging"] is True
    assert found["EnableLogFileValidation"] is True
    assert "BucketsAudit" in text(found["S3BucketName"])
    assert "KeysRecords" in text(found["KMSKeyId"])
    (selector,) = found["EventSelectors"]
    assert selector["ReadWriteType"] == "All"
    watched = text(selector["DataResources"])
    assert all(bucket in watched for bucket in KMS_BUCKETS)


# Tasks and roles ----------------------------------------------------------------------------------


@guarantee(
    "The image is identified by its digest.",
    lambda t: a_container(t).update(Image="persona-access:latest"),
)
def by_digest(template: Json) -> None:
    for task in TASKS:
        (container,) = one(template, "ECS::TaskDefinition", task)["ContainerDefinitions"]
        assert "@sha256:" + "a" * 64 in text(container["Image"])


@guarantee(
    "Containers run as a user without rights, on a read-only image.",
    lambda t: a_container(t).update(ReadonlyRootFilesystem=False),
)
def unprivileged(template: Json) -> None:
    for task in TASKS:
        (container,) = one(template, "ECS::TaskDefinition", task)["ContainerDefinitions"]
        assert container["User"] == "10001:10001"
        assert container["ReadonlyRootFilesystem"] is True
        assert not container.get("Privileged")


@guarantee(
    "Each container gets its step and the drop zone, and leaves files there.",
    lambda t: a_container(t).update(Command=["summary"]),
)
def told(template: Json) -> None:
    commands = (["load"], ["build"], ["publish", "--full", "--masked"])
    for task, command in zip(TASKS, commands, strict=True):
        (container,) = one(template, "ECS::TaskDefinition", task)["ContainerDefinitions"]
        # test_cloud.py of the project checks that the command line accepts these variables.
        assert (container["EntryPoint"], container["Command"]) == (
            ["persona-access"],
            command,
        )
        environment = {v["Name"]: v["Value"] for v in container["Environment"]}
        assert "BucketsDrop" in text(environment["PERSONA_ACCESS_DROP_ZONE"])
        assert environment["PERSONA_ACCESS_LEAVE_FILES"] == "true"
        # The target of dbt; a home of another one is refused.
        assert environment["PERSONA_ACCESS_TARGET"] == "production"


@guarantee(
    "Every step gets the encryption key, and only publish the masking key, from Secrets Manager.",
    lambda t: a_container(t).update(Secrets=[{"Name": "PERSONA_ACCESS_MASKING_KEY"}]),
)
def one_secret(template: Json) -> None:
    for task in TASKS:
        (container,) = one(template, "ECS::TaskDefinition", task)["ContainerDefinitions"]
        names = [secret["Name"] for secret in container.get("Secrets", [])]
        masking = ["PERSONA_ACCESS_MASKING_KEY"] if task == "TasksPublish" else []
        assert names == ["PERSONA_ACCESS_ENCRYPTION_KEY", *masking]
        assert "KEY" not in text([v["Name"] for v in container["Environment"]])
        said = text(statements_of_role(template, f"{task}Start"))
        assert "TasksEncryptionKey" in said
        assert ("TasksMaskingKey" in said) == bool(masking)


@guarantee(
    "The encryption key is random, encrypted with the key of the state, and kept with the stack's "
    "data.",
    lambda t: one(t, "SecretsManager::Secret", "TasksEncryptionKey")["GenerateSecretString"].pop(
        "ExcludeUppercase"
    ),
)
def encryption_key(template: Json) -> None:
    found = one(template, "SecretsManager::Secret", "TasksEncryptionKey")
    assert "KeysState" in text(found["KmsKeyId"])
    made = found["GenerateSecretString"]
    letters = set("abcdefghijklmnopqrstuvwxyz") - set(made["ExcludeCharacters"])
    assert letters == set("abcdef")
    assert made.get("ExcludeUppercase")
    assert made.get("ExcludePunctuation")
    assert made["PasswordLength"] == 64
    (whole,) = (r for n, r in template["Resources"].items() if n.startswith("TasksEncryptionKey"))
    assert whole["DeletionPolicy"] == "Retain"


@guarantee(
    "The loader can read deliveries, but neither write them nor access releases.",
    lambda t: widen(t, "TasksLoadRole", "s3:DeleteObject"),
)
def loader(template: Json) -> None:
    assert actions_of_role(template, "TasksLoadRole") == {
        "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "kms:Decrypt",
        "kms:GenerateDataKey", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
    }  # fmt: skip
    for statement in statements_of_role(template, "TasksLoadRole"):
        actions = as_list(statement["Action"])
        if "s3:PutObject" in actions:
            assert actions == ["s3:PutObject"]
            assert "/anchors/*" in text(statement["Resource"])
        assert "BucketsPublish" not in text(statement)
        assert "KeysPublished" not in text(statement)


@guarantee(
    "The build reads no bucket: it reads the raw layer, and adds an anchor.",
    lambda t: widen(t, "TasksBuildRole", "s3:GetObject"),
)
def builder(template: Json) -> None:
    assert actions_of_role(template, "TasksBuildRole") == {
        "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "kms:Decrypt",
        "kms:GenerateDataKey", "s3:PutObject",
    }  # fmt: skip
    said = text(statements_of_role(template, "TasksBuildRole"))
    assert "BucketsDrop" not in said
    assert "BucketsPublish" not in said


@guarantee(
    "Publishing adds releases and anchors, but cannot read deliveries or delete anything.",
    lambda t: widen(t, "TasksPublishRole", "s3:DeleteObject"),
)
def publisher(template: Json) -> None:
    assert actions_of_role(template, "TasksPublishRole") == {
        "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "kms:Decrypt",
        "kms:GenerateDataKey", "s3:PutObject",
    }  # fmt: skip
    said = text(statements_of_role(template, "TasksPublishRole"))
    assert "BucketsDrop" not in said
    assert "KeysDeliveries" not in said


@guarantee(
    "Each step writes only to its own folders: deliveries, warehouse and releases are separate.",
    lambda t: next(
        s
        for s in statements_of_role(t, "TasksBuildRole")
        if s["Action"] == "elasticfilesystem:ClientWrite"
    )["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"].append("StateFilesRaw"),
)
def own_folders(template: Json) -> None:
    expected = {
        "TasksLoadRole": {"Raw", "Audit"},
        "TasksBuildRole": {"Warehouse", "StatusChanges", "Audit"},
        "TasksPublishRole": {"Published", "PublishedMasked", "Audit"},
    }
    every = {name for names in expected.values() for name in names}
    for role, names in expected.items():
        (statement,) = (
            s
            for s in statements_of_role(template, role)
            if "elasticfilesystem:ClientWrite" in as_list(s["Action"])
        )
        said = text(statement["Condition"]).replace("PublishedMasked", "Masked")
        found = {n for n in every if f"Files{n.replace('PublishedMasked', 'Masked')}" in said}
        assert found == names, role


@guarantee(
    "Analysts need a second factor, and can read only masked releases.",
    lambda t: statements_of_role(t, "Analyst")[1].update(
        Resource={"Fn::Join": ["", [{"Fn::GetAtt": ["BucketsPublish", "Arn"]}, "/*"]]}
    ),
)
def analyst(template: Json) -> None:
    trusts = one(template, "IAM::Role", "Analyst")["AssumeRolePolicyDocument"]["Statement"]
    # A session of IAM Identity Center does not show the second factor that its sign-in required.
    single_sign_on = (
        "arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/"
        "*AWSReservedSSO_PersonaAccessAnalyst_*"
    )
    assert [trust["Condition"] for trust in trusts] == [
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"ArnLike": {"aws:PrincipalArn": single_sign_on}},
    ]
    assert actions_of_role(template, "Analyst") == {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}
    for statement in statements_of_role(template, "Analyst"):
        if statement["Action"] == "s3:GetObject":
            assert text(statement["Resource"]).endswith('"/masked/*"]]}')
        elif statement["Action"] == "s3:ListBucket":
            assert statement["Condition"] == {"StringLike": {"s3:prefix": ["masked/*"]}} or (
                statement["Condition"] == {"StringLike": {"s3:prefix": "masked/*"}}
            )
        else:
            assert "KeysPublished" in text(statement["Resource"])


@guarantee(
    "No role has every right, and only a few harmless rights apply to all resources.",
    lambda t: statements_of_role(t, "WeeklyRole")[0].update(Resource="*"),
)
def no_wildcards(template: Json) -> None:
    harmless = {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
    for name, policy in of_type(template, "IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = set(as_list(statement["Action"]))
            assert not any("*" in a.split(":")[1] and a != "kms:ReEncrypt*"
                           and a != "kms:GenerateDataKey*" for a in actions), name  # fmt: skip
            if "*" in as_list(statement["Resource"]):
                assert all(
                    action in harmless or action.startswith(("xray:", "logs:"))
                    for action in actions
                ), name


# The run ------------------------------------------------------------------------------------------


@guarantee(
    "Load, build, publish, verify run on Fargate, in this order, without a public address.",
    lambda t: edit_machine(t, '"Next":"publish"', '"Next":"verify"'),
)
def steps(template: Json) -> None:
    states = machine_states(template, "WeeklyMachine")
    steps = {name: states[name] for name in ("load", "build", "publish", "verify")}
    assert [state.get("Next") for state in steps.values()] == ["build", "publish", "verify", None]
    tasks = (*TASKS, "TasksVerify")
    for (name, state), task in zip(steps.items(), tasks, strict=True):
        arguments = state["Arguments"]
        assert state["Resource"] == "arn:aws:states:::ecs:runTask.sync"
        assert arguments["LaunchType"] == "FARGATE"
        assert arguments["TaskDefinition"].startswith(task)
        network = arguments["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "DISABLED"
        assert ("Catch" in state) == (name in {"load", "verify"})


@guarantee(
    "A refused file raises an alert, and the build follows; any other fault stops the week.",
    lambda t: edit_machine(t, '"Default":"LoadFailed"', '"Default":"build"'),
)
def refused_file(template: Json) -> None:
    states = machine_states(template, "WeeklyMachine")
    (caught,) = states["load"]["Catch"]
    how = states[caught["Next"]]
    assert how["Choices"] == [{"Condition": "{% $some_refused %}", "Next": "TellRefused"}]
    assert states[how["Default"]]["Type"] == "Fail"
    assert states["TellRefused"]["Next"] == "build"
    (metric,) = states["TellRefused"]["Arguments"]["MetricData"]
    assert metric == {"MetricName": "FilesRefused", "Value": 1}


@guarantee(
    "A role that starts tasks can encrypt for the dead-letter queue; otherwise nothing arrives.",
    lambda t: statements_of_role(t, "WatchStartRole")[0].update(Action="kms:Decrypt"),
)
def dead_letters(template: Json) -> None:
    key = one(template, "SQS::Queue")["KmsMasterKeyId"]
    schedules = of_type(template, "Scheduler::Schedule")
    assert len(schedules) == 3
    for schedule_of in schedules.values():
        role = schedule_of["Target"]["RoleArn"]["Fn::GetAtt"][0]
        said = statements_of_role(template, role)
        allowed = {
            action
            for statement in said
            if key in as_list(statement["Resource"])
            for action in as_list(statement["Action"])
        }
        assert {"kms:GenerateDataKey", "kms:Decrypt"} <= allowed, role
        assert any(
            "sqs:SendMessage" in as_list(s["Action"]) and "WeeklyDeadLetters" in text(s["Resource"])
            for s in said
        ), role


@guarantee(
    "Each feed has its own sender, who can only add objects below one prefix.",
    lambda t: statements_of_role(t, "SenderPersonaList")[0].update(Resource="*"),
)
def senders(template: Json) -> None:
    contracts = (PROJECT.parent / "models").glob("staging/*/_*__sources.yml")
    feeds = re.findall(r"name_pattern: (\w+?)_%Y", "".join(f.read_text("utf-8") for f in contracts))
    assert len(feeds) == 4
    environment = {v["Name"]: v["Value"] for v in a_container(template)["Environment"]}
    for feed in feeds:
        name = "Sender" + "".join(word.capitalize() for word in feed.split("_"))
        assert actions_of_role(template, name) == {
            "s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt",
        }  # fmt: skip
        put = statements_of_role(template, name)[0]
        assert put["Action"] == "s3:PutObject"
        assert text(put["Resource"]).endswith(f'"/{feed}/*"]]}}')
        zone = text(environment[f"PERSONA_ACCESS_DROP_ZONE_{feed.upper()}"])
        assert zone.endswith(f'"/{feed}"]]}}')


@guarantee(
    "DuckDB uses three quarters of the task's memory, and one thread for each virtual CPU.",
    lambda t: one(t, "ECS::TaskDefinition", "TasksBuild").update(Memory="30720"),
)
def size(template: Json) -> None:
    for task in of_type(template, "ECS::TaskDefinition").values():
        (container,) = task["ContainerDefinitions"]
        environment = {v["Name"]: v["Value"] for v in container["Environment"]}
        limit = int(task["Memory"]) * 3 // 4
        assert environment["PERSONA_ACCESS_MEMORY_LIMIT"] == f"{limit}MiB"
        assert environment["PERSONA_ACCESS_THREADS"] == str(max(1, int(task["Cpu"]) // 1024))


@guarantee(
    "Every folder of a home is on durable files in the operator's task, writable.",
    lambda t: one(t, "ECS::TaskDefinition", "TasksOperator")["ContainerDefinitions"][0][
        "MountPoints"
    ].pop(3),
)
def whole_home(template: Json) -> None:
    definition = one(template, "ECS::TaskDefinition", "TasksOperator")
    durable = {v["Name"] for v in definition["Volumes"] if "EFSVolumeConfiguration" in v}
    (container,) = definition["ContainerDefinitions"]
    writable = {
        mount["ContainerPath"]
        for mount in container["MountPoints"]
        if mount["SourceVolume"] in durable and not mount["ReadOnly"]
    }
    folders = (
        "raw", "archive", "rejected", "warehouse", "status_changes", "accepted_gates", "runs",
        "published", "published_masked", "evidence", "audit",
    )  # fmt: skip
    assert writable == {"/data", *(f"/data/{folder}" for folder in folders)}


@guarantee(
    "EventBridge Scheduler starts the run every Monday at six, and keeps undelivered starts.",
    lambda t: one(t, "Scheduler::Schedule", "WeeklyStart")["Target"].pop("DeadLetterConfig"),
)
def schedule(template: Json) -> None:
    start = one(template, "Scheduler::Schedule", "WeeklyStart")
    assert start["ScheduleExpression"] == "cron(0 6 ? * MON *)"
    assert start["State"] == "ENABLED"
    assert "WeeklyMachine" in text(start["Target"]["Arn"])
    assert "WeeklyDeadLetters" in text(start["Target"]["DeadLetterConfig"])
    assert "KeysRecords" in text(start["KmsKeyArn"])


@guarantee(
    "People are alerted to failed, stopped, missing and late runs, and to lost starts.",
    lambda t: next(
        p for n, p in of_type(t, "CloudWatch::Alarm").items() if n.startswith("WatchLate")
    ).pop("AlarmActions"),
)
def alarms(template: Json) -> None:
    found = of_type(template, "CloudWatch::Alarm")
    for name in ALARMS:
        (alarm,) = (p for n, p in found.items() if n.startswith(f"Watch{name}"))
        assert "WatchAlarms" in text(alarm.get("AlarmActions")), name
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold", name
        assert alarm["Threshold"] == 0, name


@guarantee(
    "A silent watch raises an alarm.",
    lambda t: next(
        p for n, p in of_type(t, "CloudWatch::Alarm").items() if n.startswith("WatchWatchSilent")
    ).update(TreatMissingData="notBreaching"),
)
def silent(template: Json) -> None:
    alarm = one(template, "CloudWatch::Alarm", "WatchWatchSilent")
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert "WatchAlarms" in text(alarm["AlarmActions"])
    assert one(template, "Scheduler::Schedule", "WatchHourly")["ScheduleExpression"] == (
        "rate(1 hour)"
    )


@guarantee(
    "Alarms and dead letters are encrypted, and sent over TLS only.",
    lambda t: one(t, "SNS::Topic").pop("KmsMasterKeyId"),
)
def quiet_channels(template: Json) -> None:
    assert "KeysRecords" in text(one(template, "SNS::Topic").get("KmsMasterKeyId"))
    assert "KeysRecords" in text(one(template, "SQS::Queue").get("KmsMasterKeyId"))
    for kind in ("SNS::TopicPolicy", "SQS::QueuePolicy"):
        assert "aws:SecureTransport" in text(one(template, kind)), kind
    records = text(of_type(template, "KMS::Key"))
    assert "cloudwatch.amazonaws.com" in records, "an alarm must be able to use the key"
