"""The decisions as a week read them: byte for byte the files whose hashes the build recorded."""

from __future__ import annotations

import hashlib
import os
import subprocess

from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import Build


def decisions_of(settings: Settings, build: Build, week: str) -> dict[str, bytes]:
    """Return the seeds of a build by file name: as they are, else as its commit has them.

    Raises PersonaAccessError for one that changed since and is not in the commit.
    """
    found = {}
    for name, sha256 in build.decisions.items():
        file = settings.seeds / name
        for content in (
            file.read_bytes() if file.is_file() else b"",
            _committed(settings, build.commit, name),
        ):
            if hashlib.sha256(content).hexdigest() == sha256:
                found[name] = content
        if name not in found:
            raise PersonaAccessError(
                f"{file} is not what the week {week} was built from, and its commit "
                f"{build.commit[:12] or '(unknown)'} does not have it: put the file back, or build "
                f"the week as it is now with `persona-access rebuild --from {week}`."
            )
    return found


def _committed(settings: Settings, commit: str, name: str) -> bytes:
    """Read a seed from the commit; empty where there is none."""
    path = os.path.relpath(settings.seeds / name, settings.project_root)
    command = ["git", "-C", str(settings.project_root), "show", f"{commit}:./{path}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        return b""
    return done.stdout if commit and done.returncode == 0 else b""
