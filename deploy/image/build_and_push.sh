#!/usr/bin/env bash
# Builds the image of a commit, pushes it, and passes its digest to the workflow.
# Environment: BASE_IMAGE (by digest), COMMIT, REPOSITORY (account.dkr.ecr.region.amazonaws.com/name);
# WITH_TABLEAU=yes adds Tableau's library, for releases with extracts and a workbook.
set -euo pipefail
case "$BASE_IMAGE" in
  *@sha256:*) ;;
  *) echo "BASE_IMAGE is '$BASE_IMAGE': name the base image by its digest." >&2; exit 2 ;;
esac
aws ecr get-login-password | buildah login --username AWS --password-stdin "${REPOSITORY%%/*}"
# Layers have the time of the commit, so that the same commit and base give the same digest.
buildah bud --format docker --timestamp "$(git log -1 --format=%ct "$COMMIT")" \
  --file deploy/image/Containerfile --build-arg "BASE=$BASE_IMAGE" --build-arg "COMMIT=$COMMIT" \
  --build-arg "WITH_TABLEAU=${WITH_TABLEAU-}" --tag "$REPOSITORY:$COMMIT" .
buildah push --digestfile digest.txt "$REPOSITORY:$COMMIT"
echo "digest=$(cat digest.txt)" >> "$GITHUB_OUTPUT"
