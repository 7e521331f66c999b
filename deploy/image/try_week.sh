#!/usr/bin/env bash
# Runs the weekly job of staging once with the deployed image, and marks the image as tested.
# Without new files there would be nothing to build, so the newest released week is built again;
# the test passes if the release has this image's commit. Environment: DIGEST, COMMIT.
set -euo pipefail
output() {
  aws cloudformation describe-stacks --stack-name PersonaAccess-staging --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
machine="$(output WeeklyRun)"
bucket="$(output PublishBucket)"

# Prints the manifest of the current masked release, or {} when there is none yet.
current_manifest() {
  local pointer
  if pointer="$(aws s3 cp --only-show-errors "s3://$bucket/masked/current.json" - 2> current.txt)"; then
    aws s3 cp --only-show-errors "s3://$bucket/$(jq -er .release <<< "$pointer")/manifest.json" -
  elif grep -q -e '404' -e NoSuchKey current.txt; then
    echo '{}'
  else
    cat current.txt >&2
    return 1
  fi
}

before="$(current_manifest)"
input="$(jq -c 'if .as_of_date then {rebuild_from: .as_of_date} else {} end' <<< "$before")"
execution="$(aws stepfunctions start-execution --state-machine-arn "$machine" --input "$input" \
  --output text --query executionArn)"
status=RUNNING
while [ "$status" = RUNNING ]; do
  sleep "${POLL_SECONDS:-30}"
  status="$(aws stepfunctions describe-execution --execution-arn "$execution" --output text \
    --query status)"
done
if [ "$status" != SUCCEEDED ]; then
  echo "The weekly run in staging ended as $status: $execution" >&2
  exit 1
fi
after="$(current_manifest)"
built_by="$(jq -r '.commit // "none"' <<< "$after")"
if [ "$built_by" != "$COMMIT" ] || [ "$(jq -r .build_id <<< "$after")" = "$(jq -r .build_id <<< "$before")" ]; then
  echo "The run succeeded but did not test this image: the current release is by the commit $built_by, not" \
    "by a new build of $COMMIT. Put files of a week into the drop bucket of staging." >&2
  exit 1
fi
manifest="$(aws ecr batch-get-image --repository-name persona-access --output text \
  --image-ids "imageDigest=$DIGEST" --query 'images[0].imageManifest')"
# Tags are immutable here: a second mark of the same digest is refused, which is harmless.
aws ecr put-image --repository-name persona-access --image-tag "tried-${DIGEST#sha256:}" \
  --image-manifest "$manifest" --image-digest "$DIGEST" > mark.txt 2>&1 \
  || grep -q ImageAlreadyExistsException mark.txt
