#!/bin/bash
# Print the first Python on the PATH that this project runs on (3.11 to 3.13).
set -euo pipefail

# Python reads the path of the project from a file in the locale's encoding, before any code of ours.
if [[ "$PWD" == *[^[:ascii:]]* && "$(locale charmap 2>/dev/null)" != "UTF-8" ]]; then
    echo "The folder '$PWD' has letters that this locale (LC_ALL=${LC_ALL:-}, LANG=${LANG:-}) cannot" \
        "read: set LC_ALL=C.UTF-8, or move the project to a folder of plain letters." >&2
    exit 1
fi

for name in python3.11 python3.12 python3.13 python3 python; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        command -v "$name"
        exit
    fi
done
echo "No Python 3.11, 3.12 or 3.13 is on the PATH: install one (Debian: python3 python3-venv)." >&2
exit 1
