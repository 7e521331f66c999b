"""Create the buckets: deliveries, releases, the audit trail, and the access logs of all buckets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from persona_access_aws.keys import Keys
from persona_access_aws.stages import Stage

# Removed or overwritten objects can be restored for this time.
_SECOND_THOUGHTS = Duration.days(90)
# Questions about people and their answers; an operator reads them immediately.
ANSWERS = "answers"
_ANSWERED = Duration.days(1)


class Buckets(Construct):
    """`drop`, `publish`, `audit` (locked objects) and `access_logs`."""

    def __init__(self, scope: Construct, name: str, stage: Stage, keys: Keys) -> None:
        super().__init__(scope, name)
        # SSE-S3, because the log delivery service cannot write with our key.
        self.access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(stage.log_retention_days))],
            **_COMMON,
        )
        _skip_own_access_log(self.access_logs)
        # Both contain personal data that no task role can delete, so the buckets expire it.
        forgotten = Duration.days(stage.retention_days)
        self.drop = self._bucket("Drop", keys.deliveries, expiration=forgotten)
        self.publish = self._bucket("Publish", keys.published, expiration=forgotten)
        self.publish.add_lifecycle_rule(
            prefix=f"{ANSWERS}/",
            expiration=_ANSWERED,
            noncurrent_version_expiration=_ANSWERED,
        )
        self.audit = self._bucket(
            "Audit",
            keys.records,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(
                Duration.days(stage.object_lock_days)
            ),
        )

    def _bucket(
        self, name: str, key: kms.Key, expiration: Duration | None = None, **more: Any
    ) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{name.lower()}/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=expiration,
                    noncurrent_version_expiration=_SECOND_THOUGHTS,
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
            **_COMMON,
            **more,
        )
        _refuse_other_keys(bucket, key)
        return bucket

    def keep_inside(self, roles: Sequence[iam.IRole], endpoint: ec2.GatewayVpcEndpoint) -> None:
        """Deny the task roles access from anywhere but the network's own endpoint."""
        for bucket in (self.drop, self.publish, self.audit):
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="TasksOnlyFromTheirNetwork",
                    effect=iam.Effect.DENY,
                    principals=[iam.AnyPrincipal()],
                    actions=["s3:*"],
                    resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
                    conditions={
                        "ArnEquals": {"aws:PrincipalArn": [role.role_arn for role in roles]},
                        "StringNotEquals": {"aws:SourceVpce": endpoint.vpc_endpoint_id},
                    },
                )
            )


_COMMON: dict[str, Any] = {
    "versioned": True,
    "enforce_ssl": True,
    "minimum_tls_version": 1.2,
    "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
    "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    "removal_policy": RemovalPolicy.RETAIN,
}


def _refuse_other_keys(bucket: s3.Bucket, key: kms.Key) -> None:
    """Deny other keys: without a header the bucket's key is used; a header must name that key."""
    for sid, header, value in (
        ("OnlyKms", "s3:x-amz-server-side-encryption", "aws:kms"),
        ("OnlyOwnKey", "s3:x-amz-server-side-encryption-aws-kms-key-id", key.key_arn),
    ):
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects("*")],
                conditions={"StringNotEqualsIfExists": {header: value}},
            )
        )
    # A key that the caller supplies (SSE-C) uses neither of the two headers above.
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="NoKeyOfTheCaller",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
        )
    )


def _skip_own_access_log(bucket: s3.Bucket) -> None:
    """Tell checkov why the access log bucket has no access log: it would log its own logging."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - what every bucket of CDK holds
    skipped = {"id": "CKV_AWS_18", "comment": "It would log its own logging, for ever."}
    resource.cfn_options.metadata = {"checkov": {"skip": [skipped]}}
