"""Create the weekly run: load, build, publish, verify; EventBridge Scheduler starts it.

A refused file does not stop the run: `load` reports it by its exit code, people are alerted, and
the week continues. An execution with the input {"rebuild_from": "<week>"} builds weeks again, to
test a new image or to correct weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from persona_access_aws.tasks import SERVE, VERIFY, Tasks

NAMESPACE = "PersonaAccess"
# JSONata. Exit code 4 of the command means: a file was refused, everything else is loaded.
SOME_REFUSED = r'$contains($states.errorOutput.Cause, /"ExitCode":\s*4\D/)'
BUILD = (
    "{'ContainerOverrides': [{'Name': 'step', 'Command': "
    "$exists($states.context.Execution.Input.rebuild_from) "
    "? ['rebuild', '--from', $states.context.Execution.Input.rebuild_from] : ['build']}]}"
)
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
        scratch_key: kms.Key,
    ) -> None:
        super().__init__(scope, name)
        cluster_name = f"persona-access-{stage.name}"
        _let_fargate_encrypt(scratch_key, stage, cluster_name)
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=cluster_name,
            vpc=network.vpc,
            managed_storage_configuration=ecs.ManagedStorageConfiguration(
                fargate_ephemeral_storage_kms_key=scratch_key
            ),
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            # A fixed name, because the role that tests images in staging refers to it.
            state_machine_name=cluster_name,
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(self._steps(network, tasks))
            ),
            role=runner(self, stage, tasks, self.cluster, tasks.weekly),
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
                role=starter(self, "StartRole", stage, key),
                retry_attempts=3,
                max_event_age=Duration.hours(1),
            ),
            key=key,
        )

    def _steps(self, network: Network, tasks: Tasks) -> dict[str, Any]:
        def task(step: str, command: str | None = None) -> dict[str, Any]:
            return task_state(self.cluster, network, tasks, step, command)

        after_publish = SERVE if SERVE in tasks.weekly else VERIFY
        serve = {SERVE: {**task(SERVE), "Next": VERIFY}} if SERVE in tasks.weekly else {}
        return {
            "Comment": "Load, build, publish, verify; a step that fails stops the run, and the "
            "current release stays.",
            "QueryLanguage": "JSONata",
            "StartAt": "load",
            "TimeoutSeconds": _STEP_HOURS * 3600 * len(tasks.weekly),
            "States": {
                "load": {
                    **task("load"),
                    "Catch": [_catch("HowLoadEnded", {"some_refused": SOME_REFUSED})],
                    "Next": "build",
                },
                "HowLoadEnded": {
                    "Type": "Choice",
                    "Choices": [{"Condition": "{% $some_refused %}", "Next": "TellRefused"}],
                    "Default": "LoadFailed",
                },
                "TellRefused": {**tell("FilesRefused"), "Next": "build"},
                "LoadFailed": {"Type": "Fail", "Error": "LoadFailed"},
                "build": {**task("build", f"{{% {BUILD} %}}"), "Next": "publish"},
                "publish": {**task("publish"), "Next": after_publish},
                **serve,
                **verify_states(task(VERIFY)),
            },
        }


def verify_states(verify: dict[str, Any]) -> dict[str, Any]:
    """Create the states that check the audit log, and alert if it was changed."""
    return {
        VERIFY: {**verify, "Catch": [_catch("TellTampered")], "End": True},
        "TellTampered": {**tell("AuditBroken"), "Next": "VerifyFailed"},
        "VerifyFailed": {"Type": "Fail", "Error": "VerifyFailed"},
    }


def task_state(
    cluster: ecs.Cluster, network: Network, tasks: Tasks, step: str, command: str | None = None
) -> dict[str, Any]:
    """Create the state that runs a step as a task in the network, and waits for its end."""
    subnets = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    overrides = {"Overrides": command} if command else {}
    # Only the step that serves can connect to the database.
    groups = [network.tasks, *([network.serving] if step == SERVE else [])]
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "TimeoutSeconds": _STEP_HOURS * 3600,
        "Arguments": {
            "Cluster": cluster.cluster_arn,
            "TaskDefinition": tasks.definitions[step].task_definition_arn,
            "LaunchType": "FARGATE",
            "PlatformVersion": "1.4.0",
            "EnableExecuteCommand": False,
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": subnets.subnet_ids,
                    "SecurityGroups": [group.security_group_id for group in groups],
                    "AssignPublicIp": "DISABLED",
                }
            },
            **overrides,
        },
        # Retry only for missing capacity: a step that refused its input would refuse it again.
        "Retry": [
            {
                "ErrorEquals": ["ECS.ServerException", "ECS.AmazonECSException"],
                "IntervalSeconds": 60,
                "MaxAttempts": 3,
                "BackoffRate": 2,
            }
        ],
    }


def may_run(
    stage: Stage, cluster: ecs.Cluster, definitions: Sequence[ecs.FargateTaskDefinition]
) -> list[iam.PolicyStatement]:
    """Allow starting and stopping these tasks in the cluster, with the roles that they have."""
    in_cluster = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
    tasks = f"arn:aws:ecs:{stage.region}:{stage.account}:task/{cluster.cluster_name}/*"
    return [
        iam.PolicyStatement(
            actions=["ecs:RunTask"],
            resources=[definition.task_definition_arn for definition in definitions],
            conditions=in_cluster,
        ),
        iam.PolicyStatement(
            actions=["ecs:StopTask", "ecs:DescribeTasks"],
            resources=[tasks],
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
    ]


def runner(
    scope: Construct, stage: Stage, tasks: Tasks, cluster: ecs.Cluster, steps: Sequence[str]
) -> iam.Role:
    """Create the role of a state machine that can only start these steps."""
    where = f"{stage.region}:{stage.account}"
    role = iam.Role(
        scope,
        "Role",
        description=f"Persona Access {stage.name}: starts {', '.join(steps)}",
        assumed_by=iam.ServicePrincipal(
            "states.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": stage.account}},
        ),
    )
    for statement in (
        *may_run(stage, cluster, [tasks.definitions[step] for step in steps]),
        iam.PolicyStatement(
            actions=["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            resources=[f"arn:aws:events:{where}:rule/{_RULE}"],
        ),
        may_tell(),
    ):
        role.add_to_policy(statement)
    return role


def _catch(then: str, known: dict[str, str] | None = None) -> dict[str, Any]:
    assigned = {name: f"{{% {expression} %}}" for name, expression in (known or {}).items()}
    return {
        "ErrorEquals": ["States.TaskFailed"],
        **({"Assign": assigned} if assigned else {}),
        "Next": then,
    }


def tell(metric: str) -> dict[str, Any]:
    """Create the state that increments one of our metrics."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": {
            "Namespace": NAMESPACE,
            "MetricData": [{"MetricName": metric, "Value": 1}],
        },
    }


def may_tell() -> iam.PolicyStatement:
    """Let a state machine write only our metrics."""
    return iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    )


def starter(scope: Construct, name: str, stage: Stage, key: kms.IKey) -> iam.Role:
    """Create a role of EventBridge Scheduler that can also send dead letters.

    A queue with our key accepts a message only from a sender with the right to encrypt with it.
    """
    where = f"{stage.region}:{stage.account}"
    role = iam.Role(
        scope,
        name,
        description=f"Persona Access {stage.name}: starts a state machine at its time",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={
                "StringEquals": {
                    "aws:SourceAccount": stage.account,
                    "aws:SourceArn": f"arn:aws:scheduler:{where}:schedule-group/default",
                }
            },
        ),
    )
    role.add_to_policy(
        iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn])
    )
    return role


def _let_fargate_encrypt(key: kms.Key, stage: Stage, cluster_name: str) -> None:
    """Let Fargate use the key for the disks of this cluster's tasks, as its documentation asks."""
    of_cluster = {
        "kms:EncryptionContext:aws:ecs:clusterAccount": [stage.account],
        "kms:EncryptionContext:aws:ecs:clusterName": [cluster_name],
    }
    fargate = [iam.ServicePrincipal("fargate.amazonaws.com")]
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="FargateKeys",
            principals=fargate,
            actions=["kms:GenerateDataKeyWithoutPlaintext"],
            resources=["*"],
            conditions={"StringEquals": of_cluster},
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="FargateGrants",
            principals=fargate,
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={
                "StringEquals": of_cluster,
                "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
            },
        )
    )
