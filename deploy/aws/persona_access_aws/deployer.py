"""Create the role with which the workflows of one GitHub environment deploy to one account."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from persona_access_aws.people import reading_masked
from persona_access_aws.stages import REPOSITORY, STAGES, Stage

_ISSUER = "token.actions.githubusercontent.com"


def add_deployer(scope: Construct, stage: Stage, images: ecr.Repository) -> iam.Role:
    """Create the role; a job of another repository, branch or environment cannot assume it."""
    provider = iam.CfnOIDCProvider(
        scope, "GitHub", url=f"https://{_ISSUER}", client_id_list=["sts.amazonaws.com"]
    )
    deployer = iam.Role(
        scope,
        "Deployer",
        role_name=deployer_name(stage),
        description=f"Persona Access {stage.name}: deploys, from GitHub's environment {stage.name}",
        max_session_duration=Duration.hours(1),
        assumed_by=iam.WebIdentityPrincipal(
            provider.attr_arn,
            {
                "StringEquals": {
                    f"{_ISSUER}:aud": "sts.amazonaws.com",
                    # An exact match: with a pattern, a job without the environment's approval
                    # would match.
                    f"{_ISSUER}:sub": f"repo:{REPOSITORY}:environment:{stage.name}",
                }
            },
        ),
    )
    where = f"{stage.region}:{stage.account}"
    stack = f"PersonaAccess-{stage.name}"
    statements = [
        iam.PolicyStatement(
            actions=["sts:AssumeRole"],
            resources=[
                f"arn:aws:iam::{stage.account}:role/cdk-hnb659fds-{kind}-role-{stage.account}-{region}"
                for region in (stage.region, stage.second_region)
                for kind in ("deploy", "file-publishing", "lookup")
            ],
        ),
        iam.PolicyStatement(
            actions=["ec2:DescribeManagedPrefixLists", "ecr:GetAuthorizationToken"], resources=["*"]
        ),
        iam.PolicyStatement(
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:DescribeImageScanFindings",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            resources=[images.repository_arn],
        ),
    ]
    if stage.name == "staging":
        # To test an image: start a run, and read which commit built the current release.
        machines = f"arn:aws:states:{where}"
        statements += [
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks"],
                resources=[f"arn:aws:cloudformation:{where}:stack/{stack}/*"],
            ),
            iam.PolicyStatement(
                actions=["states:StartExecution"],
                resources=[f"{machines}:stateMachine:persona-access-{stage.name}"],
            ),
            iam.PolicyStatement(
                actions=["states:DescribeExecution"],
                resources=[f"{machines}:execution:persona-access-{stage.name}:*"],
            ),
        ]
    for statement in statements:
        deployer.add_to_policy(statement)
    if stage.name == "staging":
        _let_production_pull(images)
    CfnOutput(scope, "DeployRole", value=deployer.role_arn)
    return deployer


def let_deployer_see_releases(
    scope: Construct, stage: Stage, publish: s3.IBucket, key: kms.IKey
) -> None:
    """Let the role that tests an image read which commit built the current release."""
    iam.Policy(
        scope,
        "DeployerSees",
        statements=reading_masked(stage, publish, key),
        roles=[iam.Role.from_role_name(scope, "TheDeployer", deployer_name(stage))],
    )


def deployer_name(stage: Stage) -> str:
    """Return the fixed name of the role, which another account uses."""
    return f"persona-access-{stage.name}-deployer"


def _let_production_pull(images: ecr.Repository) -> None:
    production = STAGES["production"]
    images.add_to_resource_policy(
        iam.PolicyStatement(
            sid="ProductionPulls",
            principals=[
                iam.ArnPrincipal(
                    f"arn:aws:iam::{production.account}:role/{deployer_name(production)}"
                )
            ],
            actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        )
    )
