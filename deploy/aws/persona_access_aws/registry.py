"""Create the image registry of a stage, as its own stack, because the image must exist first."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from persona_access_aws.deployer import add_deployer
from persona_access_aws.stages import Stage


class RegistryStack(Stack):
    """Images are identified by digest and never change; each is scanned when it is pushed."""

    def __init__(self, scope: Construct, name: str, stage: Stage, **kwargs: object) -> None:
        super().__init__(scope, name, **kwargs)
        key = kms.Key(
            self,
            "Key",
            description=f"Persona Access {stage.name}: images",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.images = ecr.Repository(
            self,
            "Images",
            repository_name="persona-access",
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=key,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        add_deployer(self, stage, self.images)
        CfnOutput(self, "Repository", value=self.images.repository_uri)
