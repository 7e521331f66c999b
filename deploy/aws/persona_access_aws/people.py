"""Create the roles of people: analysts read masked releases, operators run single commands."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from persona_access_aws.buckets import ANSWERS
from persona_access_aws.stages import PERMISSION_SETS, Stage
from persona_access_aws.tasks import OPERATOR, Tasks
from persona_access_aws.weekly import Weekly, may_run

MASKED = "masked/*"
_SHIFT = Duration.hours(1)


def add_analyst(scope: Construct, stage: Stage, publish: s3.Bucket, key: kms.Key) -> iam.Role:
    """Create a read role that people of this account assume with a second factor."""
    analyst = _role(scope, "Analyst", stage, "reads masked releases")
    for statement in reading_masked(stage, publish, key):
        analyst.add_to_policy(statement)
    return analyst


def reading_masked(stage: Stage, publish: s3.IBucket, key: kms.IKey) -> list[iam.PolicyStatement]:
    """Return the statements for reading masked releases."""
    return [
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
    ]


def add_operator(
    scope: Construct,
    stage: Stage,
    *,
    weekly: Weekly,
    tasks: Tasks,
    log: logs.ILogGroup,
    publish: s3.IBucket,
    key: kms.IKey,
) -> iam.Role:
    """Create a role that runs commands of the runbook, only as the operator's task.

    Questions about people and their answers use the bucket, because logs are kept for years.
    """
    operator = _role(scope, "Operator", stage, "runs commands of the runbook")
    where = f"{stage.region}:{stage.account}"
    machine = weekly.machine
    for statement in (
        *may_run(stage, weekly.cluster, [tasks.definitions[OPERATOR]]),
        iam.PolicyStatement(
            actions=["states:StartExecution", "states:ListExecutions"],
            resources=[machine.state_machine_arn],
        ),
        iam.PolicyStatement(
            actions=["logs:FilterLogEvents", "logs:GetLogEvents"], resources=[log.log_group_arn]
        ),
        iam.PolicyStatement(
            actions=["cloudformation:DescribeStacks"],
            resources=[f"arn:aws:cloudformation:{where}:stack/PersonaAccess-{stage.name}/*"],
        ),
        iam.PolicyStatement(
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[publish.arn_for_objects(f"{ANSWERS}/*")],
        ),
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"s3.{stage.region}.amazonaws.com"}},
        ),
    ):
        operator.add_to_policy(statement)
    return operator


def _role(scope: Construct, name: str, stage: Stage, what: str) -> iam.Role:
    """Create a role for people with a second factor.

    A session of IAM Identity Center never has aws:MultiFactorAuthPresent, because the sign-in page
    asks for the second factor. So a permission set with the given name is accepted as well.
    """
    reserved = (
        f"arn:aws:iam::{stage.account}:role/aws-reserved/sso.amazonaws.com/*"
        f"AWSReservedSSO_{PERMISSION_SETS[name.lower()]}_*"
    )
    account = iam.AccountPrincipal(stage.account)
    return iam.Role(
        scope,
        name,
        description=f"Persona Access {stage.name}: {what}",
        max_session_duration=_SHIFT,
        assumed_by=iam.CompositePrincipal(
            account.with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            iam.AccountPrincipal(stage.account).with_conditions(
                {"ArnLike": {"aws:PrincipalArn": reserved}}
            ),
        ),
    )
