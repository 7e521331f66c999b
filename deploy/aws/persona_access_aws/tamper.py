"""Alert people when somebody changes a safeguard: keys, trail, locks, alarms, backups."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from persona_access_aws.stages import Stage

_TOUCHES = {
    "kms.amazonaws.com": (
        "DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion",
    ),
    "cloudtrail.amazonaws.com": (
        "DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail",
    ),
    "s3.amazonaws.com": (
        "DeleteBucket", "DeleteBucketEncryption", "DeleteBucketPolicy",
        "DeleteBucketPublicAccessBlock", "PutBucketAcl", "PutBucketLifecycle",
        "PutBucketObjectLockConfiguration", "PutBucketPolicy", "PutBucketPublicAccessBlock",
        "PutBucketVersioning",
    ),
    "monitoring.amazonaws.com": ("DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"),
    "sns.amazonaws.com": ("DeleteTopic", "SetTopicAttributes", "Unsubscribe"),
    "scheduler.amazonaws.com": ("DeleteSchedule", "UpdateSchedule"),
    "states.amazonaws.com": ("DeleteStateMachine", "UpdateStateMachine"),
    "backup.amazonaws.com": (
        "DeleteBackupPlan", "DeleteBackupVault", "DeleteBackupVaultLockConfiguration",
        "DeleteRecoveryPoint", "UpdateBackupPlan",
    ),
    "elasticfilesystem.amazonaws.com": (
        "DeleteFileSystem", "DeleteFileSystemPolicy", "PutFileSystemPolicy",
    ),
    "secretsmanager.amazonaws.com": ("DeleteSecret", "PutSecretValue", "UpdateSecret"),
    "events.amazonaws.com": ("DeleteRule", "DisableRule", "RemoveTargets"),
}  # fmt: skip


def add_tamper_alarms(scope: Construct, stage: Stage, topic: sns.Topic) -> None:
    """Send every such call to the topic, except those of a reviewed deployment."""
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="TamperingOfThisAccount",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stage.account}},
        )
    )
    # Without this condition, CDK's rule would let the service of any account publish.
    events.CfnRule(
        scope,
        "Tampering",
        description=f"Persona Access {stage.name}: keys, trail, locks or alarms were touched",
        state="ENABLED",
        event_pattern={
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": list(_TOUCHES),
                "eventName": sorted({name for names in _TOUCHES.values() for name in names}),
                "userIdentity": {
                    "invokedBy": [
                        {"exists": False},
                        {"anything-but": ["cloudformation.amazonaws.com"]},
                    ]
                },
            },
        },
        targets=[events.CfnRule.TargetProperty(arn=topic.topic_arn, id="Alarms")],
    )
