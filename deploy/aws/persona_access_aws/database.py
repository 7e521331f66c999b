"""Create PostgreSQL for the marts: Aurora, with IAM login over TLS, only from inside the network.

It pauses without queries, and `persona-access serve` can reload all its content. An administrator
creates its roles once through the Data API (docs/serving.md).
"""

from __future__ import annotations

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from constructs import Construct

from persona_access_aws.keys import Keys
from persona_access_aws.logs import log_group
from persona_access_aws.network import Network
from persona_access_aws.stages import Stage

_PORT = 5432
_NAME = "marts"
_SETTINGS = {
    "rds.force_ssl": "1",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    "log_connections": "1",
    "log_disconnections": "1",
    # A reader's statement or error can name a person, and logs are kept for years.
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    # An idle reader must not block the next release.
    "idle_in_transaction_session_timeout": "600000",
}


class Database(Construct):
    """The cluster, whose marts the step `serve` loads as the publisher of docs/serving.md."""

    def __init__(
        self, scope: Construct, name: str, stage: Stage, network: Network, keys: Keys
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        identifier = f"persona-access-{stage.name}"
        target = "" if stage.name == "production" else f"_{stage.name}"
        self.publisher = f"persona_access{target}_publisher"
        # Created here; otherwise RDS creates one, without a key and without expiry.
        log = log_group(
            self, "Log", stage, keys.records, f"/aws/rds/cluster/{identifier}/postgresql"
        )
        group = network.group("DatabaseGroup", "The database of the marts")
        network.allow(network.serving, group, _PORT, "The database of the marts")
        for readers in stage.reader_networks:
            group.add_ingress_rule(ec2.Peer.ipv4(readers), ec2.Port.tcp(_PORT), "Readers")
        subnets = rds.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description=f"Persona Access {stage.name}: isolated",
            subnet_ids=[subnet.subnet_id for subnet in network.vpc.isolated_subnets],
        )
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Settings",
            description=f"Persona Access {stage.name}: TLS, and no statements in the log",
            family="aurora-postgresql17",
            parameters=_SETTINGS,
        )
        self.cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=identifier,
            engine="aurora-postgresql",
            engine_version="17.5",
            database_name=_NAME,
            port=_PORT,
            db_subnet_group_name=subnets.ref,
            db_cluster_parameter_group_name=parameters.ref,
            vpc_security_group_ids=[group.security_group_id],
            storage_encrypted=True,
            kms_key_id=keys.published.key_arn,
            enable_iam_database_authentication=True,
            # AWS creates the administrator's password, stores it in a secret and rotates it.
            master_username="administrator",
            manage_master_user_password=True,
            master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(
                kms_key_id=keys.published.key_arn
            ),
            # The only access for an administrator, through IAM: the network has none.
            enable_http_endpoint=True,
            backup_retention_period=35,
            preferred_backup_window="01:00-01:30",
            copy_tags_to_snapshot=True,
            deletion_protection=True,
            enable_cloudwatch_logs_exports=["postgresql"],
            serverless_v2_scaling_configuration=(
                rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                    min_capacity=0, max_capacity=8, seconds_until_auto_pause=900
                )
            ),
        )
        self.cluster.apply_removal_policy(RemovalPolicy.RETAIN)
        self.cluster.node.add_dependency(log)
        instance = rds.CfnDBInstance(
            self,
            "Instance",
            db_cluster_identifier=self.cluster.ref,
            db_instance_identifier=f"{identifier}-1",
            db_instance_class="db.serverless",
            engine="aurora-postgresql",
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
        )
        instance.apply_removal_policy(RemovalPolicy.RETAIN)
        skipped = {"id": "CKV_AWS_118", "comment": "It pauses; its load tells in CloudWatch."}
        instance.cfn_options.metadata = {"checkov": {"skip": [skipped]}}

    def let_connect(self, role: iam.Role) -> None:
        """Let a role log in only as the publisher."""
        cluster = self.cluster.attr_db_cluster_resource_id
        where = f"{self._stage.region}:{self._stage.account}"
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["rds-db:connect"],
                resources=[f"arn:aws:rds-db:{where}:dbuser:{cluster}/{self.publisher}"],
            )
        )

    def environment(self) -> dict[str, str]:
        """Return the settings of a step that serves; an IAM token is its password."""
        return {
            "PERSONA_ACCESS_POSTGRES_LOGIN": "rds_iam",
            "PGHOST": self.cluster.attr_endpoint_address,
            "PGPORT": str(_PORT),
            "PGDATABASE": _NAME,
            "PGUSER": self.publisher,
        }

    def outputs(self) -> dict[str, str]:
        """Output the names that readers and an administrator need."""
        return {
            "DatabaseHost": self.cluster.attr_endpoint_address,
            "DatabaseArn": Stack.of(self).format_arn(
                service="rds",
                resource="cluster",
                resource_name=self.cluster.ref,
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            ),
            "DatabaseSecret": self.cluster.attr_master_user_secret_secret_arn,
        }
