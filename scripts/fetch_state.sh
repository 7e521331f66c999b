#!/usr/bin/env bash
# Fetches the newest state that a run on main left (manifest, warehouse, raw layer) into a folder:
#   scripts/fetch_state.sh STATE
# Outputs found=true or found=false for the workflow. A first run, no state and one that has expired are
# normal: the workflow then builds all models. Which run left it does not matter, nor whether its
# deployment succeeded: the state is left once everything was built and tested.
set -euo pipefail
state="${1:?Name the folder for the state.}"
# A fork may call its branch main, too, and name an artefact of its own `state`.
run="$(gh api --paginate "repos/$GITHUB_REPOSITORY/actions/artifacts?name=state&per_page=100" --jq '
    .artifacts[]
    | select(.expired | not)
    | select(.workflow_run.head_branch == "main")
    | select(.workflow_run.head_repository_id == .workflow_run.repository_id)
    | "\(.created_at) \(.workflow_run.id)"' | sort | tail -n 1 | cut -d ' ' -f 2)"
found=false
if [ -z "$run" ]; then
  echo "No run on main has left a state that is still kept: all models are built." >&2
elif gh run download "$run" --name state --dir "$state"; then
  found=true
else
  echo "The state of run $run could not be fetched, or is gone: all models are built." >&2
fi
echo "found=$found" >> "$GITHUB_OUTPUT"
