"""The stack of a stage, put together."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from persona_access_aws.analyst import add_analyst
from persona_access_aws.buckets import Buckets
from persona_access_aws.keys import Keys
from persona_access_aws.logs import log_group
from persona_access_aws.network import Network
from persona_access_aws.stages import Stage
from persona_access_aws.state import State
from persona_access_aws.tasks import Tasks
from persona_access_aws.trail import add_trail
from persona_access_aws.watch import Watch
from persona_access_aws.weekly import Weekly


class WeeklyStack(Stack):
    """Everything that a stage needs, but for the image registry."""

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
        state = State(self, "State", network, keys.state)
        # Step Functions delivers logs only under this prefix without widening a policy each time.
        run_log = log_group(
            self, "RunLog", stage, keys.records, f"/aws/vendedlogs/persona-access-{stage.name}"
        )
        trail_log = log_group(self, "TrailLog", stage, keys.records)
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
        )
        watch = Watch(self, "Watch", stage=stage, weekly=weekly, log=run_log, key=keys.records)
        add_trail(self, stage, buckets, keys, trail_log)
        analyst = add_analyst(self, stage, buckets.publish, keys.published)
        for output, value in {
            "DropBucket": buckets.drop.bucket_name,
            "PublishBucket": buckets.publish.bucket_name,
            "AuditBucket": buckets.audit.bucket_name,
            "WeeklyRun": weekly.machine.state_machine_arn,
            "AlarmTopic": watch.topic.topic_arn,
            "AnalystRole": analyst.role_arn,
        }.items():
            CfnOutput(self, output, value=value)
