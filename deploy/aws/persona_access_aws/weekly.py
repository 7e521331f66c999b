"""The weekly run: load, then build, then publish; started by EventBridge Scheduler."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack, TimeZone
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from persona_access_aws.network import Network
from persona_access_aws.stages import Stage
from persona_access_aws.tasks import Tasks

_STEP_HOURS = 3
_RULE = "StepFunctionsGetEventsForECSTaskRule"


class Weekly(Construct):
    """`machine` runs the steps; `dead_letters` holds starts that could not be delivered."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        network: Network,
        tasks: Tasks,
        log: logs.ILogGroup,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        self._cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=network.vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(self._steps(network, tasks))
            ),
            role=self._role(stage, tasks),
            logs=sfn.LogOptions(
                destination=log, level=sfn.LogLevel.ALL, include_execution_data=True
            ),
            tracing_enabled=True,
        )
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        scheduler.Schedule(
            self,
            "Start",
            description=f"Persona Access {stage.name}: the weekly run",
            schedule=scheduler.ScheduleExpression.cron(
                minute="0", hour=str(stage.hour), week_day=stage.weekday, time_zone=TimeZone.ETC_UTC
            ),
            target=targets.StepFunctionsStartExecution(
                self.machine,
                dead_letter_queue=self.dead_letters,
                retry_attempts=3,
                max_event_age=Duration.hours(1),
            ),
            key=key,
        )

    def _steps(self, network: Network, tasks: Tasks) -> dict[str, Any]:
        names = list(tasks.definitions)
        subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        return {
            "Comment": "Load, build, publish; a step that fails stops the run, and the release in "
            "force stays.",
            "QueryLanguage": "JSONata",
            "StartAt": names[0],
            "TimeoutSeconds": _STEP_HOURS * 3600 * len(names),
            "States": {
                step: {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::ecs:runTask.sync",
                    "TimeoutSeconds": _STEP_HOURS * 3600,
                    "Arguments": {
                        "Cluster": self._cluster.cluster_arn,
                        "TaskDefinition": tasks.definitions[step].task_definition_arn,
                        "LaunchType": "FARGATE",
                        "PlatformVersion": "1.4.0",
                        "EnableExecuteCommand": False,
                        "NetworkConfiguration": {
                            "AwsvpcConfiguration": {
                                "Subnets": subnets.subnet_ids,
                                "SecurityGroups": [network.tasks.security_group_id],
                                "AssignPublicIp": "DISABLED",
                            }
                        },
                    },
                    # Only for want of capacity: a step that refused its input would refuse again.
                    "Retry": [
                        {
                            "ErrorEquals": ["ECS.ServerException", "ECS.AmazonECSException"],
                            "IntervalSeconds": 60,
                            "MaxAttempts": 3,
                            "BackoffRate": 2,
                        }
                    ],
                    **({"Next": later[0]} if (later := names[number + 1 :]) else {"End": True}),
                }
                for number, step in enumerate(names)
            },
        }

    def _role(self, stage: Stage, tasks: Tasks) -> iam.Role:
        where = f"{stage.region}:{stage.account}"
        role = iam.Role(
            self,
            "Role",
            description=f"Persona Access {stage.name}: starts the steps of the weekly run",
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": stage.account}},
            ),
        )
        definitions = tasks.definitions.values()
        in_cluster = {"ArnEquals": {"ecs:cluster": self._cluster.cluster_arn}}
        for statement in (
            iam.PolicyStatement(
                actions=["ecs:RunTask"],
                resources=[definition.task_definition_arn for definition in definitions],
                conditions=in_cluster,
            ),
            iam.PolicyStatement(
                actions=["ecs:StopTask", "ecs:DescribeTasks"],
                resources=[f"arn:aws:ecs:{where}:task/{self._cluster.cluster_name}/*"],
                conditions=in_cluster,
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[
                    passed.role_arn
                    for definition in definitions
                    for passed in (definition.task_role, definition.obtain_execution_role())
                ],
                conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
            iam.PolicyStatement(
                actions=["events:PutTargets", "events:PutRule", "events:DescribeRule"],
                resources=[f"arn:aws:events:{where}:rule/{_RULE}"],
            ),
        ):
            role.add_to_policy(statement)
        return role
