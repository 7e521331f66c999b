#!/usr/bin/env bash
# Runs the weekly job of this account once; when all of it passed, marks the image as tried.
set -euo pipefail
digest="$1"
machine="$(aws cloudformation describe-stacks --stack-name PersonaAccess-staging --output text \
  --query "Stacks[0].Outputs[?OutputKey=='WeeklyRun'].OutputValue")"
execution="$(aws stepfunctions start-execution --state-machine-arn "$machine" --output text \
  --query executionArn)"
status=RUNNING
while [ "$status" = RUNNING ]; do
  sleep 30
  status="$(aws stepfunctions describe-execution --execution-arn "$execution" --output text \
    --query status)"
done
if [ "$status" != SUCCEEDED ]; then
  echo "The weekly run in staging ended as $status: $execution" >&2
  exit 1
fi
manifest="$(aws ecr batch-get-image --repository-name persona-access --output text \
  --image-ids "imageDigest=$digest" --query 'images[0].imageManifest')"
# Tags never change here: a second mark of the same digest is refused, and means the same.
aws ecr put-image --repository-name persona-access --image-tag "tried-${digest#sha256:}" \
  --image-manifest "$manifest" --image-digest "$digest" > mark.txt 2>&1 \
  || grep -q ImageAlreadyExistsException mark.txt
