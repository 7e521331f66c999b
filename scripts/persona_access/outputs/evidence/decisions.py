"""Find the decisions that a week read: exactly the files whose hashes the build recorded."""

from __future__ import annotations

import hashlib

from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import Build, seed_of_build
from persona_access.loader.feed_mappings.read import MAPPINGS


def decisions_of(settings: Settings, build: Build, week: str) -> dict[str, bytes]:
    """Return the seeds of a build by file name, from the folder or from the commit of the build.

    Raises PersonaAccessError if a seed changed since and is not in the commit.
    """
    found = {}
    for name in build.decisions:
        content = seed_of_build(settings, build, name)
        if content is None:
            raise PersonaAccessError(
                f"{settings.seeds / name} is not what the week {week} was built from, and its "
                f"commit {build.commit[:12] or '(unknown)'} does not have it: put the file back, "
                f"or build the week as it is now with `persona-access rebuild --from {week}`."
            )
        found[name] = content
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
