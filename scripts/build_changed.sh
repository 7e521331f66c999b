#!/usr/bin/env bash
# Builds the models that differ from those that main built, and all that reads them, into a warehouse
# of their own; everything else is read, by --defer, from a read-only copy of main's warehouse.
#   scripts/build_changed.sh STATE
# STATE holds what main left: target/manifest.json and data/demo with its warehouse and raw layer.
set -euo pipefail
state="${1:?Name the folder with the manifest and the warehouse that main left.}"
for needed in target/manifest.json data/demo/warehouse.duckdb data/demo/raw; do
  if [ ! -e "$state/$needed" ]; then
    echo "There is no $needed in $state: download what the workflow staging left of main." >&2
    exit 2
  fi
done
export PERSONA_ACCESS_HOME="$state/data/demo"
export PERSONA_ACCESS_WAREHOUSE="$state/changed.duckdb"
rm -f "$PERSONA_ACCESS_WAREHOUSE"
dbt build --target ci --select state:modified+ --defer --state "$state/target" \
  --exclude-resource-type unit_test
