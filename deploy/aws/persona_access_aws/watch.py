"""Create the watch: it checks every hour whether the due run began, and succeeded in time.

It also measures the age of the current release and of the newest anchor.

A missing run sends no event, so it must be detected. The watch is independent of the weekly run,
and an alarm reports a silent watch.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack, aws_scheduler
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from persona_access_aws.buckets import Buckets
from persona_access_aws.stages import Stage
from persona_access_aws.weekly import NAMESPACE, Weekly, may_tell, starter

_HOUR = Duration.hours(1)
_WEEK_MS = 7 * 24 * 3600 * 1000


def due_expression(stage: Stage) -> str:
    """JSONata: the newest weekly start (ms since 1970) whose deadline has passed."""
    first = int(stage.first_start.timestamp() * 1000)
    grace = stage.deadline_hours * 3600 * 1000
    return (
        "$floor(($toMillis($states.context.Execution.StartTime) - "
        f"{first} - {grace}) / {_WEEK_MS}) * {_WEEK_MS} + {first}"
    )


RUNS = "[$states.result.Executions[$toMillis(StartDate) >= $due]]"
MISSING = "$count($runs) = 0 ? 1 : 0"
# Ages in days; a missing object is as old as the epoch.
AGE = (
    "($toMillis($states.context.Execution.StartTime) - "
    "$max($append([0], $states.result.Contents.$toMillis(LastModified)))) / 86400000"
)
LAST_KEY = "$count($states.result.Contents) = 0 ? $last_anchor : $states.result.Contents[-1].Key"
STALE_DAYS = 8
_POINTER = "masked/current.json"
_ANCHORS = "anchors/"
LATE = "$count($runs) > 0 and $count($runs[Status = 'SUCCEEDED']) = 0 ? 1 : 0"


class Watch(Construct):
    """The watch, its alarms, and the topic that they notify."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        weekly: Weekly,
        buckets: Buckets,
        log: logs.ILogGroup,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        self.topic = sns.Topic(self, "Alarms", master_key=key, enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": stage.account}},
            )
        )
        if stage.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))
        machine = self._machine(stage, weekly, buckets, log)
        aws_scheduler.Schedule(
            self,
            "Hourly",
            schedule=aws_scheduler.ScheduleExpression.rate(_HOUR),
            target=targets.StepFunctionsStartExecution(
                machine,
                dead_letter_queue=weekly.dead_letters,
                role=starter(self, "StartRole", stage, key),
                retry_attempts=3,
                max_event_age=Duration.hours(1),
            ),
            key=key,
        )
        self._alarms(stage, weekly)

    def _machine(
        self, stage: Stage, weekly: Weekly, buckets: Buckets, log: logs.ILogGroup
    ) -> sfn.StateMachine:
        machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(
                    _states(stage, weekly.machine.state_machine_arn, buckets)
                )
            ),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL),
            tracing_enabled=True,
        )
        machine.add_to_role_policy(
            iam.PolicyStatement(
                actions=["states:ListExecutions"], resources=[weekly.machine.state_machine_arn]
            )
        )
        for bucket, prefix in ((buckets.publish, _POINTER), (buckets.audit, _ANCHORS)):
            machine.add_to_role_policy(
                iam.PolicyStatement(
                    actions=["s3:ListBucket"],
                    resources=[bucket.bucket_arn],
                    conditions={"StringEquals": {"s3:prefix": prefix}},
                )
            )
        machine.add_to_role_policy(may_tell())
        return machine

    def _alarms(self, stage: Stage, weekly: Weekly) -> None:
        run = weekly.machine
        for name, metric, sentence in (
            ("Failed", run.metric_failed(), "The weekly run failed: read the log of its step."),
            ("TimedOut", run.metric_timed_out(), "The weekly run took too long and was stopped."),
            ("Aborted", run.metric_aborted(), "Somebody stopped the weekly run."),
            ("Throttled", run.metric_throttled(), "The weekly run was held back by AWS's limits."),
            ("Missing", _metric("RunsMissing"), "The weekly run that was due did not begin."),
            ("Late", _metric("RunsLate"), "The weekly run has not ended well by its deadline."),
            (
                "FileRefused",
                _metric("FilesRefused"),
                "A file in the drop bucket was refused or is unknown; the week went on without it.",
            ),
            (
                "AuditBroken",
                _metric("AuditBroken"),
                "audit verify found the log or what it names changed: read the log of its step.",
            ),
            (
                "Undelivered",
                weekly.dead_letters.metric_approximate_number_of_messages_visible(),
                "A start was not delivered and lies in the dead-letter queue.",
            ),
        ):
            self._alarm(stage, name, metric, sentence)
        for name, metric, sentence in (
            ("StaleRelease", "ReleaseAgeDays", "The current release is older than eight days."),
            ("AnchorMissing", "AnchorAgeDays", "No anchor of the audit log came for eight days."),
        ):
            self._alarm(stage, name, _metric(metric), sentence, threshold=STALE_DAYS)
        self._alarm(
            stage,
            "WatchSilent",
            _metric("RunsMissing", statistic="SampleCount"),
            "The watch has been silent for three hours: a missing run would go unseen.",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=1,
            evaluation_periods=3,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    def _alarm(
        self, stage: Stage, name: str, metric: cloudwatch.IMetric, sentence: str, **other: Any
    ) -> None:
        settings: dict[str, Any] = {
            "comparison_operator": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            "threshold": 0,
            "evaluation_periods": 1,
            "treat_missing_data": cloudwatch.TreatMissingData.NOT_BREACHING,
        } | other
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            alarm_description=f"Persona Access {stage.name}: {sentence}",
            **settings,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))


def _metric(name: str, statistic: str = "Maximum") -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=name, period=_HOUR, statistic=statistic
    )


def _states(stage: Stage, weekly_arn: str, buckets: Buckets) -> dict[str, Any]:
    def jsonata(expression: str) -> str:
        return f"{{% {expression} %}}"

    return {
        "Comment": "Did the weekly run that was due begin, and end well in time?",
        "QueryLanguage": "JSONata",
        "StartAt": "Due",
        "TimeoutSeconds": 300,
        "States": {
            "Due": {
                "Type": "Pass",
                "Assign": {
                    "due": jsonata(due_expression(stage)),
                    "last_anchor": _ANCHORS,
                    "anchor_age": 100000,
                },
                "Next": "Runs",
            },
            "Runs": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions",
                "Arguments": {"StateMachineArn": weekly_arn, "MaxResults": 100},
                "Assign": {"runs": jsonata(RUNS)},
                "Next": "Release",
            },
            "Release": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
                "Arguments": {
                    "Bucket": buckets.publish.bucket_name,
                    "Prefix": _POINTER,
                    "MaxKeys": 1,
                },
                "Assign": {"release_age": jsonata(AGE)},
                "Next": "Anchors",
            },
            # Anchors are named by number and kept forever, so all pages are read.
            "Anchors": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
                "Arguments": {
                    "Bucket": buckets.audit.bucket_name,
                    "Prefix": _ANCHORS,
                    "StartAfter": jsonata("$last_anchor"),
                },
                "Assign": {
                    "anchor_age": jsonata(f"$min([$anchor_age, {AGE}])"),
                    "last_anchor": jsonata(LAST_KEY),
                    "has_more": jsonata("$states.result.IsTruncated"),
                },
                "Next": "MoreAnchors",
            },
            "MoreAnchors": {
                "Type": "Choice",
                "Choices": [{"Condition": jsonata("$has_more"), "Next": "Anchors"}],
                "Default": "Tell",
            },
            "Tell": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
                "Arguments": {
                    "Namespace": NAMESPACE,
                    "MetricData": [
                        {"MetricName": "RunsMissing", "Value": jsonata(MISSING)},
                        {"MetricName": "RunsLate", "Value": jsonata(LATE)},
                        {"MetricName": "ReleaseAgeDays", "Value": jsonata("$release_age")},
                        {"MetricName": "AnchorAgeDays", "Value": jsonata("$anchor_age")},
                    ],
                },
                "End": True,
            },
        },
    }
