"""Create the CloudTrail of reads and writes of objects, in a bucket that nobody can change."""

from __future__ import annotations

from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from persona_access_aws.buckets import Buckets
from persona_access_aws.keys import Keys
from persona_access_aws.stages import Stage


def add_trail(
    scope: Construct, stage: Stage, buckets: Buckets, keys: Keys, log: logs.ILogGroup
) -> cloudtrail.Trail:
    """Record every read and write of objects in the drop, publish and audit buckets."""
    name = f"persona-access-{stage.name}"
    keys.records.add_to_resource_policy(
        iam.PolicyStatement(
            sid="Trail",
            principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
            actions=["kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=["*"],
            conditions={
                "StringEquals": {
                    "aws:SourceArn": (
                        f"arn:aws:cloudtrail:{stage.region}:{stage.account}:trail/{name}"
                    )
                }
            },
        )
    )
    trail = cloudtrail.Trail(
        scope,
        "Trail",
        trail_name=name,
        bucket=buckets.audit,
        encryption_key=keys.records,
        enable_file_validation=True,
        is_multi_region_trail=True,
        include_global_service_events=True,
        send_to_cloud_watch_logs=True,
        cloud_watch_log_group=log,
    )
    trail.add_s3_event_selector(
        [
            cloudtrail.S3EventSelector(bucket=bucket)
            for bucket in (buckets.drop, buckets.publish, buckets.audit)
        ],
        read_write_type=cloudtrail.ReadWriteType.ALL,
    )
    return trail
