"""Compose the stack of a stage."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from persona_access_aws.backup import add_backups
from persona_access_aws.buckets import Buckets
from persona_access_aws.database import Database
from persona_access_aws.deployer import let_deployer_see_releases
from persona_access_aws.keys import Keys
from persona_access_aws.logs import log_group
from persona_access_aws.network import Network
from persona_access_aws.nightly import Nightly
from persona_access_aws.people import add_analyst, add_operator
from persona_access_aws.senders import add_senders
from persona_access_aws.stages import Stage
from persona_access_aws.state import State
from persona_access_aws.tamper import add_tamper_alarms
from persona_access_aws.tasks import OPERATOR, Tasks
from persona_access_aws.trail import add_trail
from persona_access_aws.watch import Watch
from persona_access_aws.weekly import Weekly


class WeeklyStack(Stack):
    """Everything that a stage needs, except the image registry."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        images: ecr.IRepository,
        image_digest: str,
        **kwargs: object,
    ) -> None:
        super().__init__(scope, name, **kwargs)
        keys = Keys(self, "Keys", stage)
        network = Network(self, "Network", stage, keys.records)
        buckets = Buckets(self, "Buckets", stage, keys)
        state = State(self, "State", stage, network, keys.state)
        # Step Functions delivers logs only under this prefix without widening a policy each time.
        run_log = log_group(
            self, "RunLog", stage, keys.records, f"/aws/vendedlogs/persona-access-{stage.name}"
        )
        trail_log = log_group(self, "TrailLog", stage, keys.records)
        database = Database(self, "Database", stage, network, keys) if stage.has_database else None
        tasks = Tasks(
            self,
            "Tasks",
            stage=stage,
            keys=keys,
            buckets=buckets,
            state=state,
            images=images,
            image_digest=image_digest,
            log=run_log,
            database=database,
        )
        buckets.keep_inside(list(tasks.roles.values()), network.s3)
        weekly = Weekly(
            self,
            "Weekly",
            stage=stage,
            network=network,
            tasks=tasks,
            log=run_log,
            key=keys.records,
            scratch_key=keys.scratch,
        )
        Nightly(
            self,
            "Nightly",
            stage=stage,
            network=network,
            tasks=tasks,
            weekly=weekly,
            log=run_log,
            key=keys.records,
        )
        watch = Watch(
            self,
            "Watch",
            stage=stage,
            weekly=weekly,
            buckets=buckets,
            log=run_log,
            key=keys.records,
        )
        add_tamper_alarms(self, stage, watch.topic)
        add_backups(self, stage, state.files, keys.state)
        add_trail(self, stage, buckets, keys, trail_log)
        analyst = add_analyst(self, stage, buckets.publish, keys.published)
        operator = add_operator(
            self,
            stage,
            weekly=weekly,
            tasks=tasks,
            log=run_log,
            publish=buckets.publish,
            key=keys.published,
        )
        senders = add_senders(self, stage, buckets.drop, keys.deliveries)
        if stage.name == "staging":
            let_deployer_see_releases(self, stage, buckets.publish, keys.published)
        subnets = network.vpc.isolated_subnets
        for output, value in {
            "DropBucket": buckets.drop.bucket_name,
            "PublishBucket": buckets.publish.bucket_name,
            "AuditBucket": buckets.audit.bucket_name,
            "WeeklyRun": weekly.machine.state_machine_arn,
            "AlarmTopic": watch.topic.topic_arn,
            "AnalystRole": analyst.role_arn,
            "OperatorRole": operator.role_arn,
            # Outputs for deploy/aws/operate.sh.
            "OperatorTask": tasks.definitions[OPERATOR].task_definition_arn,
            "Cluster": weekly.cluster.cluster_name,
            "Subnets": ",".join(subnet.subnet_id for subnet in subnets),
            "TaskGroup": network.tasks.security_group_id,
            "RunLogName": run_log.log_group_name,
            **(database.outputs() if database else {}),
            **{f"Sender{feed.replace('_', '')}": role.role_arn for feed, role in senders.items()},
        }.items():
            CfnOutput(self, output, value=value)
