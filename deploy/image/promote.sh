#!/usr/bin/env bash
# Copies an image that staging tested to production's registry, with the same digest.
# Environment: DIGEST, COMMIT, FROM and TO (repositories; FROM lets production's role pull).
set -euo pipefail
if ! [[ "$DIGEST" =~ ^sha256:[0-9a-f]{64}$ ]]; then
  echo "'$DIGEST' is not a digest: give sha256: and 64 hexadecimal digits." >&2
  exit 2
fi
# A tag can have any name, even tried-<digest>; a commit has 40 digits.
if ! [[ "$COMMIT" =~ ^[0-9a-f]{40}$ ]]; then
  echo "'$COMMIT' is not a commit: give its 40 hexadecimal digits, not a branch or tag." >&2
  exit 2
fi
for repository in "$FROM" "$TO"; do
  aws ecr get-login-password | skopeo login --username AWS --password-stdin "${repository%%/*}"
done
tried="$(skopeo inspect --format '{{.Digest}}' "docker://$FROM:tried-${DIGEST#sha256:}")" || tried=none
if [ "$tried" != "$DIGEST" ]; then
  echo "Staging has not tested $DIGEST: only tested images go to production." >&2
  exit 1
fi
built="$(skopeo inspect --format '{{.Digest}}' "docker://$FROM:$COMMIT")" || built=none
if [ "$built" != "$DIGEST" ]; then
  echo "$DIGEST was not built from the commit $COMMIT." >&2
  exit 1
fi
# If production already has the image, nothing is copied: this is a rollback.
skopeo inspect "docker://$TO@$DIGEST" > image.json 2>&1 \
  || skopeo copy --preserve-digests "docker://$FROM@$DIGEST" "docker://$TO:$COMMIT"
