"""Findings of cdk-nag that stay, each with its reason, where it arises and nowhere else."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

_ONLY_BELOW = "Objects have no names yet when the role is made; the prefix bounds them."
_TOKEN = (
    "ecr:GetAuthorizationToken knows no resources. What the token opens is said by the other "  # noqa: S105
    "statements: one repository."
)
_TRACING = "X-Ray and the delivery of logs know no resources."
_NAMES = "The variables are names of buckets and folders; the secrets come from Secrets Manager."
_IAM5 = "AwsSolutions::AwsSolutions-IAM5[Resource::{}]"
# Construct below the stack, what of it is acknowledged, why.
_FINDINGS = (
    ("Tasks/LoadRole", _IAM5.format("<BucketsDropA44186FE.Arn>/*"), _ONLY_BELOW),
    *(
        (
            f"Tasks/{step}Role",
            _IAM5.format("<BucketsAudit0C61E492.Arn>/anchors/*"),
            _ONLY_BELOW,
        )
        for step in ("Load", "Build", "Publish")
    ),
    ("Tasks/PublishRole", _IAM5.format("<BucketsPublish58B3499E.Arn>/*"), _ONLY_BELOW),
    ("Analyst", _IAM5.format("<BucketsPublish58B3499E.Arn>/masked/*"), _ONLY_BELOW),
    *((f"Tasks/{step}Start", _IAM5.format("*"), _TOKEN) for step in ("Load", "Build", "Publish")),
    ("Weekly/Role", _IAM5.format("*"), _TRACING),
    (
        "Watch/Machine/Role",
        _IAM5.format("*"),
        f"{_TRACING} cloudwatch:PutMetricData does neither; a condition names the namespace.",
    ),
    (
        "Weekly/Role",
        _IAM5.format("arn:aws:ecs:eu-west-2:{account}:task/<WeeklyClusterACF19054>/*"),
        "Tasks get their ids when they start; the cluster bounds them.",
    ),
    *(
        (
            f"Tasks/{step}",
            "AwsSolutions::AwsSolutions-ECS2",
            _NAMES,
        )
        for step in ("Load", "Build", "Publish")
    ),
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


def acknowledge(stack: cdk.Stack) -> None:
    """Acknowledge what is as it should be."""
    for path, finding, reason in _FINDINGS:
        place: Construct = stack
        for name in path.split("/"):
            place = place.node.find_child(name)
        rule = cdk.Acknowledgment(id=finding.replace("{account}", stack.account), reason=reason)
        cdk.Validations.of(place).acknowledge(rule)
