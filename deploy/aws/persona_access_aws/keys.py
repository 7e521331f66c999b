"""Create one key for each purpose, so that rights to decrypt stay separate."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from persona_access_aws.stages import Stage


class Keys(Construct):
    """The keys for deliveries, state (the home), published marts, records, and scratch."""

    def __init__(self, scope: Construct, name: str, stage: Stage) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self.deliveries = self._key("Deliveries", "files as delivered")
        self.state = self._key("State", "raw layer and warehouse")
        self.published = self._key("Published", "published marts")
        self.records = self._key("Records", "logs, trail, audit anchors, alarms")
        self.scratch = self._key("Scratch", "what tasks write beside their folders")
        self._let_services_write_records()

    def _key(self, name: str, what: str) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=f"Persona Access {self._stage.name}: {what}",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _let_services_write_records(self) -> None:
        region, account = self._stage.region, self._stage.account
        self.records.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Logs",
                principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
                actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions={
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:aws:logs:{region}:{account}:log-group:*"
                        )
                    }
                },
            )
        )
        self.records.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsAndSchedules",
                principals=[
                    iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                    iam.ServicePrincipal("events.amazonaws.com"),
                    iam.ServicePrincipal("scheduler.amazonaws.com"),
                ],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
