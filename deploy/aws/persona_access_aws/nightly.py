"""Check every night that the audit log and its recorded files are unmodified."""

from __future__ import annotations

from aws_cdk import Duration, Stack, TimeZone
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from persona_access_aws.network import Network
from persona_access_aws.stages import Stage
from persona_access_aws.tasks import VERIFY, Tasks
from persona_access_aws.weekly import Weekly, runner, starter, task_state, verify_states


class Nightly(Construct):
    """The check at 03:00, three hours before the weekly run; `machine` runs it."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        network: Network,
        tasks: Tasks,
        weekly: Weekly,
        log: logs.ILogGroup,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        states = verify_states(task_state(weekly.cluster, network, tasks, VERIFY))
        definition = {
            "Comment": "Is the audit log, and all that it names, as it was written?",
            "QueryLanguage": "JSONata",
            "StartAt": VERIFY,
            "TimeoutSeconds": 3 * 3600,
            "States": states,
        }
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(definition)
            ),
            role=runner(self, stage, tasks, weekly.cluster, [VERIFY]),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL),
            tracing_enabled=True,
        )
        scheduler.Schedule(
            self,
            "Start",
            description=f"Persona Access {stage.name}: the nightly check of the audit log",
            schedule=scheduler.ScheduleExpression.cron(
                minute="0", hour="3", time_zone=TimeZone.ETC_UTC
            ),
            target=targets.StepFunctionsStartExecution(
                self.machine,
                dead_letter_queue=weekly.dead_letters,
                role=starter(self, "StartRole", stage, key),
                retry_attempts=3,
                max_event_age=Duration.hours(1),
            ),
            key=key,
        )
