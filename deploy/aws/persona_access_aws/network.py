"""Create a network without internet access: no gateway, no NAT; AWS services have endpoints."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from persona_access_aws.logs import log_group
from persona_access_aws.stages import Stage

_SERVICES = {
    "EcrApi": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrImages": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    "Secrets": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "Keys": ec2.InterfaceVpcEndpointAwsService.KMS,
    "Files": ec2.InterfaceVpcEndpointAwsService.ELASTIC_FILESYSTEM,
}
_HTTPS = 443


class Network(Construct):
    """The VPC, its endpoints, and the security groups of tasks, endpoints and the serving step."""

    def __init__(self, scope: Construct, name: str, stage: Stage, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._account = stage.account
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.20.0.0/24"),
            availability_zones=list(stage.availability_zones),
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Tasks", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26
                )
            ],
        )
        flows: logs.ILogGroup = log_group(self, "Flows", stage, key)
        self.vpc.add_flow_log(
            "FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(flows)
        )
        self.tasks = self.group("TaskGroup", "The tasks of the weekly run")
        self._endpoints = self.group("EndpointGroup", "The endpoints of AWS services")
        self.allow(self.tasks, self._endpoints, _HTTPS, "AWS services")
        self.tasks.add_egress_rule(
            ec2.Peer.prefix_list(stage.s3_prefix_list), ec2.Port.tcp(_HTTPS), "S3, by its gateway"
        )
        self._serving: ec2.SecurityGroup | None = None
        self.s3 = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self._restrict_s3(stage)
        for service_name, service in _SERVICES.items():
            self._add_interface(service_name, service)

    @property
    def serving(self) -> ec2.SecurityGroup:
        """The security group of the step that connects to the database; None without a database."""
        if self._serving is None:
            self._serving = self.group("ServingGroup", "The step that serves the marts")
        return self._serving

    def allow(
        self, source: ec2.SecurityGroup, target: ec2.SecurityGroup, port: int, what: str
    ) -> None:
        """Open only one port from one group to another."""
        source.add_egress_rule(target, ec2.Port.tcp(port), what)
        target.add_ingress_rule(source, ec2.Port.tcp(port), what)

    def group(self, name: str, description: str) -> ec2.SecurityGroup:
        """Create a group without any allowed traffic."""
        return ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _restrict_s3(self, stage: Stage) -> None:
        """Limit the gateway to buckets of this account, and images from ECR."""
        self.s3.add_to_policy(
            iam.PolicyStatement(
                sid="OwnBuckets",
                principals=[iam.AnyPrincipal()],
                actions=[
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:ListBucket",
                    "s3:AbortMultipartUpload",
                ],
                resources=["*"],
                conditions={
                    "StringEquals": {
                        "aws:ResourceAccount": self._account,
                        "aws:PrincipalAccount": self._account,
                    }
                },
            )
        )
        # ECR serves the layers of an image from its own bucket.
        self.s3.add_to_policy(
            iam.PolicyStatement(
                sid="ImageLayers",
                principals=[iam.AnyPrincipal()],
                actions=["s3:GetObject"],
                resources=[f"arn:aws:s3:::prod-{stage.region}-starport-layer-bucket/*"],
            )
        )

    def _add_interface(self, name: str, service: ec2.InterfaceVpcEndpointAwsService) -> None:
        endpoint = self.vpc.add_interface_endpoint(
            name, service=service, security_groups=[self._endpoints], open=False
        )
        endpoint.add_to_policy(
            iam.PolicyStatement(
                sid="OwnAccount",
                principals=[iam.AnyPrincipal()],
                actions=["*"],
                resources=["*"],
                conditions={"StringEquals": {"aws:PrincipalAccount": self._account}},
            )
        )
