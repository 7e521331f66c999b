#!/usr/bin/env bash
# Runs one command of the runbook on AWS, as the operator's task, and exits with its exit code:
#   deploy/aws/operate.sh production run --due 2026-10-05
# Questions about people and their answers pass through the bucket of answers: the log and
# CloudTrail, which are kept for years, show only a random name. Both objects expire after a day.
# Needs the credentials of the role `OperatorRole` (docs/deployment.md), aws and jq.
set -euo pipefail
questions=" accounts apply causes check explain impact mine resolve summary why-changed "
stage="${1-}"
if ! [[ "$stage" =~ ^(dev|staging|production)$ ]] || [ "$#" -lt 2 ]; then
  echo "Usage: operate.sh dev|staging|production COMMAND, with the command without persona-access." >&2
  exit 2
fi
shift
outputs="$(aws cloudformation describe-stacks --stack-name "PersonaAccess-$stage" --output json \
  --query 'Stacks[0].Outputs')"
output() {
  jq -er --arg key "$1" '.[] | select(.OutputKey == $key).OutputValue' <<< "$outputs"
}
answer=""
if [[ "$questions" == *" $1 "* ]]; then
  name="$(cat /proc/sys/kernel/random/uuid 2> /dev/null || uuidgen | tr '[:upper:]' '[:lower:]')"
  place="s3://$(output PublishBucket)/answers/$name"
  jq -cn '$ARGS.positional' --args -- "$@" | aws s3 cp --only-show-errors - "$place/question.json"
  answer="$place/answer.txt"
  set -- answer "$name"
fi
cluster="$(output Cluster)"
# After `--`, jq does not read the options of the command as its own.
overrides="$(jq -cn '{containerOverrides: [{name: "step", command: $ARGS.positional}]}' --args -- "$@")"
network="$(jq -cn --arg subnets "$(output Subnets)" --arg group "$(output TaskGroup)" \
  '{awsvpcConfiguration: {subnets: ($subnets | split(",")), securityGroups: [$group], assignPublicIp: "DISABLED"}}')"
task="$(aws ecs run-task --cluster "$cluster" --task-definition "$(output OperatorTask)" \
  --launch-type FARGATE --network-configuration "$network" --overrides "$overrides" --output text \
  --query 'tasks[0].taskArn')"
if ! [[ "$task" =~ ^arn: ]]; then
  echo "The task did not start: $task" >&2
  exit 3
fi
status=PENDING
while [ "$status" != STOPPED ]; do
  sleep "${POLL_SECONDS:-15}"
  status="$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --output text \
    --query 'tasks[0].lastStatus')"
done
aws logs get-log-events --log-group-name "$(output RunLogName)" --start-from-head \
  --log-stream-name "operator/step/${task##*/}" --output json --query 'events[].message' \
  | jq -r '.[]'
code="$(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --output text \
  --query 'tasks[0].containers[0].exitCode')"
if ! [[ "$code" =~ ^[0-9]+$ ]]; then
  echo "The task ended without an exit code: find the reason in the console, $task" >&2
  exit 3
fi
[ -z "$answer" ] || aws s3 cp --only-show-errors "$answer" - || exit 3
exit "$code"
