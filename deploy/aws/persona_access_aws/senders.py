"""Create the roles of senders: each adds files of one feed, below one prefix."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from persona_access_aws.stages import FEEDS, Stage


def add_senders(
    scope: Construct, stage: Stage, drop: s3.Bucket, key: kms.Key
) -> dict[str, iam.Role]:
    """Create a role for each feed, for the sending account; none can read, list or delete."""
    return {feed: _sender(scope, stage, feed, drop, key) for feed in FEEDS}


def _sender(scope: Construct, stage: Stage, feed: str, drop: s3.Bucket, key: kms.Key) -> iam.Role:
    name = "".join(word.capitalize() for word in feed.split("_"))
    sender = iam.Role(
        scope,
        f"Sender{name}",
        role_name=f"persona-access-{stage.name}-sends-{feed.replace('_', '-')}",
        description=f"Persona Access {stage.name}: delivers {feed}",
        max_session_duration=Duration.hours(1),
        assumed_by=iam.AccountPrincipal(stage.senders.get(feed, stage.account)),
    )
    sender.add_to_policy(
        iam.PolicyStatement(actions=["s3:PutObject"], resources=[drop.arn_for_objects(f"{feed}/*")])
    )
    sender.add_to_policy(
        iam.PolicyStatement(
            # S3 requires Decrypt to assemble multipart uploads.
            actions=["kms:GenerateDataKey", "kms:Decrypt"],
            resources=[key.key_arn],
            conditions={
                "StringEquals": {"kms:ViaService": f"s3.{stage.region}.amazonaws.com"},
            },
        )
    )
    return sender
