"""Find the decisions that a week read: exactly the files whose hashes the build recorded."""

from __future__ import annotations

import hashlib
import os
import subprocess

from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import Build
from persona_access.loader.feed_mappings.read import MAPPINGS


def decisions_of(settings: Settings, build: Build, week: str) -> dict[str, bytes]:
    """Return the seeds of a build by file name, from the folder or from the commit of the build.

    Raises PersonaAccessError if a seed changed since and is not in the commit.
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


def mappings_of(settings: Settings, build: Build, week: str) -> dict[str, bytes]:
    """Return the feed mappings with which the files of a build were read, by source.

    Raises PersonaAccessError if the raw layer no longer has one of them.
    """
    found = {}
    for source, sha256 in build.mappings.items():
        kept = settings.raw / MAPPINGS / f"{sha256}.yml"
        content = kept.read_bytes() if kept.is_file() else b""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise PersonaAccessError(
                f"{kept} is missing or was changed, so the feed mapping that {source} of the week "
                f"{week} was read by cannot be shown: restore it from a backup of the raw layer."
            )
        found[source] = content
    return found


def _committed(settings: Settings, commit: str, name: str) -> bytes:
    """Read a seed from the commit; empty if it is not there."""
    path = os.path.relpath(settings.seeds / name, settings.project_root)
    command = ["git", "-C", str(settings.project_root), "show", f"{commit}:./{path}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    except FileNotFoundError:
        return b""
    return done.stdout if commit and done.returncode == 0 else b""
