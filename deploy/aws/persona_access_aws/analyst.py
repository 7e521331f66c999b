"""The role of the people who read: masked releases, and nothing else."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from persona_access_aws.stages import Stage

MASKED = "masked/*"


def add_analyst(scope: Construct, stage: Stage, publish: s3.Bucket, key: kms.Key) -> iam.Role:
    """Make a role that people of this account take on with a second factor, to read."""
    analyst = iam.Role(
        scope,
        "Analyst",
        description=f"Persona Access {stage.name}: reads masked releases",
        max_session_duration=Duration.hours(1),
        assumed_by=iam.AccountPrincipal(stage.account).with_conditions(
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        ),
    )
    for statement in (
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[publish.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [MASKED]}},
        ),
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[publish.arn_for_objects(MASKED)]),
        iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"s3.{stage.region}.amazonaws.com"}},
        ),
    ):
        analyst.add_to_policy(statement)
    return analyst
