#!/usr/bin/env bash
# Deploys an image to a stage: deploy.sh STAGE DIGEST. Needs AWS_REGION and credentials.
set -euo pipefail
stage="${1-}" digest="${2-}"
if ! [[ "$stage" =~ ^(dev|staging|production)$ ]]; then
  echo "'$stage' is not a stage: give dev, staging or production." >&2
  exit 2
fi
if ! [[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]]; then
  echo "'$digest' is not a digest: give sha256: and 64 hexadecimal digits." >&2
  exit 2
fi
if [ -z "${AWS_REGION-}" ]; then
  echo "AWS_REGION is empty: give the region of the stage." >&2
  exit 2
fi
if ! command -v aws > /dev/null; then
  echo "There is no command aws on the PATH: install the AWS command line." >&2
  exit 2
fi
s3="$(aws ec2 describe-managed-prefix-lists --output text \
  --filters "Name=prefix-list-name,Values=com.amazonaws.$AWS_REGION.s3" \
  --query 'PrefixLists[0].PrefixListId')" \
  || { echo "AWS did not return the addresses of S3 in $AWS_REGION: see the message above." >&2; exit 3; }
here="$(dirname "${BASH_SOURCE[0]}")"
assembly="$(mktemp -d)"
trap 'rm -rf "$assembly"' EXIT
"$here/run_cdk.sh" synth --quiet --output "$assembly" \
  --context "stage=$stage" --context "image_digest=$digest" --context "s3_prefix_list=$s3"
# Exactly what was compared with the reviewed files is deployed.
(cd "$here" && PYTHONPATH=. .venv/bin/python tests/check_assembly.py "$stage" "$assembly" "$digest" "$s3")
"$here/run_cdk.sh" deploy --all --require-approval never --app "$assembly"
