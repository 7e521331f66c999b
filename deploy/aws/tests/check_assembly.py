"""Refuse to deploy an assembly that is not as reviewed.

    check_assembly.py STAGE FOLDER DIGEST S3_PREFIX_LIST

The tests synthesise a stage by themselves; code can tell them from a deployment by its digest, its
environment or `app.py`. So what is deployed is read, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reviewed import EXPLAIN, TOPICS, as_production, difference, record, reviewed_lines


def main(stage: str, assembly: str, digest: str, s3_prefix_list: str) -> int:
    """Print the difference; return the exit code."""
    production = {topic: reviewed_lines(topic) for topic in ("stacks", *TOPICS)}
    renamed = as_production(stage, digest, s3_prefix_list)
    now = record(stage, Path(assembly), renamed, production)
    was = production if stage == "production" else {stage: reviewed_lines(stage)}
    found = [
        line
        for name in sorted(was.keys() | now.keys())
        for line in difference(was.get(name, []), now.get(name, []), name)
    ]
    if found:
        sys.stderr.write("\n".join([f"{EXPLAIN} Nothing was deployed.", *found, ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
