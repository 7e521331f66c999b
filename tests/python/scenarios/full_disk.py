"""Publish on a nearly full disk, once for each amount of free space.

    unshare --map-root-user --mount python -m scenarios.full_disk PROJECT DISK ROOM_KIB ...

A small disk is mounted on the folder DISK, invisible to other processes, and gets a copy of the
home of the project. Prints a line of JSON each time, with the output of the command and the files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from unittest import mock

from persona_access.base.files import sha256_of
from persona_access.outputs.release import reuse
from persona_access.outputs.release.release import Releases
from scenarios.project import Project


def main() -> None:
    """Fill the disk, and publish."""
    root, disk, *rooms = sys.argv[1:]
    project = Project(Path(root), Path(disk))
    _run("mount", "-t", "tmpfs", "none", disk)
    _run("cp", "--archive", f"{root}/data/.", disk)
    used = int(_run("df", "--output=used", "--block-size=1024", disk).split()[-1])
    for room in map(int, rooms):
        _run("mount", "-o", f"remount,size={used + room}k", disk)
        # As after an upgrade: nothing is reused from the previous release, and everything is
        # written.
        with mock.patch.object(reuse, "code", return_value="another version"):
            result = project.run("publish")
        files = (file for file in Path(disk).rglob("*") if file.is_file())
        after = {
            "exit_code": result.exit_code,
            "said": result.stderr.splitlines(),
            "in_force": Releases(project.settings.published).current_name,
            "files": {str(file.relative_to(disk)): sha256_of(file) for file in files},
        }
        sys.stdout.write(json.dumps(after) + "\n")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
