#!/usr/bin/env bash
# Waits for the registry's scan of an image, and fails if it has critical or high findings.
set -euo pipefail
digest="$1"
aws ecr wait image-scan-complete --repository-name persona-access --image-id "imageDigest=$digest"
grave="$(aws ecr describe-image-scan-findings --repository-name persona-access \
  --image-id "imageDigest=$digest" --output text \
  --query 'imageScanFindings.findingSeverityCounts.[CRITICAL, HIGH]' | tr -d '\t\n')"
case "$grave" in
  NoneNone | None | '') echo "No critical or high finding in $digest." ;;
  *) echo "The scan of $digest has critical or high findings: see the registry." >&2; exit 1 ;;
esac
