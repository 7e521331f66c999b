"""Accepted findings of cdk-nag: each with its reason, and only at its own place."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from persona_access_aws.stages import Stage

_ONLY_BELOW = "Objects have no names yet when the role is made; the prefix bounds them."
_TOKEN = (
    "ecr:GetAuthorizationToken cannot be limited to resources. What the token opens is "  # noqa: S105
    "in the other statements: one repository."
)
_TRACING = "X-Ray and the delivery of logs cannot be limited to resources."
_NAMES = "The variables are names of buckets and folders; the secrets come from Secrets Manager."
_IAM5 = "AwsSolutions::AwsSolutions-IAM5[Resource::{}]"
_ALL_TASKS = ("Load", "Build", "Publish", "Verify", "Operator")
_FEEDS = (
    "hr_headcount",
    "iam_app_registry",
    "persona_list",
    "persona_members",
    "review_decisions",
)
_DROP = "<BucketsDropA44186FE.Arn>"
_PUBLISH = "<BucketsPublish58B3499E.Arn>"
_AUDIT = "<BucketsAudit0C61E492.Arn>"
_TASK_IDS = "Tasks get their ids when they start; the cluster bounds them."
_STACK_ID = "The id of a stack follows its name; only that name is meant."
_IDS_OF_TASKS = _IAM5.format("arn:aws:ecs:{region}:{account}:task/<WeeklyClusterACF19054>/*")
_IDS_OF_STACK = _IAM5.format("arn:aws:cloudformation:{region}:{account}:stack/{stack}/*")
# Construct below the stack, its accepted finding, and the reason.
_FINDINGS = (
    *(
        (f"Tasks/{step}Role", _IAM5.format(f"{_DROP}/*"), _ONLY_BELOW)
        for step in ("Load", "Operator")
    ),
    *(
        (f"Tasks/{step}Role", _IAM5.format(f"{_AUDIT}/anchors/*"), _ONLY_BELOW)
        for step in _ALL_TASKS
    ),
    *(
        (f"Tasks/{step}Role", _IAM5.format(f"{_PUBLISH}/*"), _ONLY_BELOW)
        for step in ("Publish", "Operator")
    ),
    *(
        (place, _IAM5.format(f"{_PUBLISH}/answers/*"), _ONLY_BELOW)
        for place in ("Operator", "Tasks/OperatorRole")
    ),
    ("Analyst", _IAM5.format(f"{_PUBLISH}/masked/*"), _ONLY_BELOW),
    *(
        (
            "Sender" + "".join(word.capitalize() for word in feed.split("_")),
            _IAM5.format(f"{_DROP}/{feed}/*"),
            _ONLY_BELOW,
        )
        for feed in _FEEDS
    ),
    *((f"Tasks/{step}Start", _IAM5.format("*"), _TOKEN) for step in _ALL_TASKS),
    *(
        (
            f"{machine}/Role",
            _IAM5.format("*"),
            f"{_TRACING} Nor can cloudwatch:PutMetricData; a condition limits it to the namespace.",
        )
        for machine in ("Weekly", "Nightly", "Watch/Machine")
    ),
    *((f"{machine}/Role", _IDS_OF_TASKS, _TASK_IDS) for machine in ("Weekly", "Nightly")),
    ("Operator", _IDS_OF_TASKS, _TASK_IDS),
    ("Operator", _IDS_OF_STACK, _STACK_ID),
    (
        "BackupPlan/Files/Role",
        (
            "AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AWSBackupServiceRolePolicyForBackup]"
        ),
        "AWS Backup documents no smaller policy, and changes this one with the service.",
    ),
    *((f"Tasks/{step}", "AwsSolutions::AwsSolutions-ECS2", _NAMES) for step in _ALL_TASKS),
    (
        "Tasks/MaskingKey",
        "AwsSolutions::AwsSolutions-SMG4",
        "A new key gives everybody a new pseudonym: people decide on it (docs/deployment.md).",
    ),
    (
        "Tasks/EncryptionKey",
        "AwsSolutions::AwsSolutions-SMG4",
        "A new key cannot read what the old one encrypted: people change it (docs/encryption.md).",
    ),
    (
        "Weekly/DeadLetters",
        "AwsSolutions::AwsSolutions-SQS3",
        "It is a dead-letter queue itself, of EventBridge Scheduler, which cdk-nag does not see.",
    ),
)
_FINDINGS_OF_DATABASE = (
    ("Tasks/ServeRole", _IAM5.format(f"{_AUDIT}/anchors/*"), _ONLY_BELOW),
    ("Tasks/ServeStart", _IAM5.format("*"), _TOKEN),
    ("Tasks/Serve", "AwsSolutions::AwsSolutions-ECS2", _NAMES),
)
_FINDINGS_OF_REGISTRY = (
    (
        "Deployer",
        _IAM5.format("*"),
        f"{_TOKEN} Nor can ec2:DescribeManagedPrefixLists, which reads public facts.",
    ),
)
_FINDINGS_OF_STAGING = (("DeployerSees", _IAM5.format(f"{_PUBLISH}/masked/*"), _ONLY_BELOW),)
_FINDINGS_OF_STAGING_REGISTRY = (
    ("Deployer", _IDS_OF_STACK, _STACK_ID),
    (
        "Deployer",
        _IAM5.format("arn:aws:states:{region}:{account}:execution:{machine}:*"),
        "Executions get their ids when they start; the state machine bounds them.",
    ),
)


def acknowledge(weekly: cdk.Stack, registry: cdk.Stack, stage: Stage) -> None:
    """Acknowledge the accepted findings."""
    is_staging = stage.name == "staging"
    of_stage = (
        *(_FINDINGS_OF_STAGING if is_staging else ()),
        *(_FINDINGS_OF_DATABASE if stage.has_database else ()),
    )
    _acknowledge(weekly, stage, (*_FINDINGS, *of_stage))
    of_registry = _FINDINGS_OF_STAGING_REGISTRY if is_staging else ()
    _acknowledge(registry, stage, (*_FINDINGS_OF_REGISTRY, *of_registry))


def _acknowledge(
    stack: cdk.Stack, stage: Stage, findings: tuple[tuple[str, str, str], ...]
) -> None:
    names = {
        "{account}": stage.account,
        "{region}": stage.region,
        "{stack}": f"PersonaAccess-{stage.name}",
        "{machine}": f"persona-access-{stage.name}",
    }
    for path, finding, reason in findings:
        place: Construct = stack
        for name in path.split("/"):
            place = place.node.find_child(name)
        said = finding
        for name, value in names.items():
            said = said.replace(name, value)
        cdk.Validations.of(place).acknowledge(cdk.Acknowledgment(id=said, reason=reason))
