"""Create log groups: encrypted, with the retention of the stage."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from persona_access_aws.stages import Stage

_RETENTION = {
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    2557: logs.RetentionDays.SEVEN_YEARS,
}


def log_group(
    scope: Construct, name: str, stage: Stage, key: kms.IKey, log_name: str | None = None
) -> logs.LogGroup:
    """Create a log group that is kept when the stack is deleted."""
    return logs.LogGroup(
        scope,
        name,
        log_group_name=log_name,
        encryption_key=key,
        retention=_RETENTION[stage.log_retention_days],
        removal_policy=RemovalPolicy.RETAIN,
    )
