"""Make an earlier release current again, in one step and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persona_access.audit import record
from persona_access.audit.record import ROLLBACK
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import sha256_of
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.outputs.publishing.destinations import bucket, send
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import Releases, releases_of


@dataclass(frozen=True)
class RolledBack:
    """The names of the release that is current again and of the one that was current before."""

    release: str
    instead_of: str | None
    place: Path
    is_masked: bool


def roll_back_release(
    settings: Settings, to: str | None, because: str, report: Reporter = SILENT, *, is_masked: bool
) -> RolledBack:
    """Let `current` point to an earlier release, by default the previous one, also in the bucket.

    Nothing is removed, and the next `publish` makes a new release as always. Raises
    PersonaAccessError, and keeps the current release, if the release does not exist or was
    modified.
    """
    destinations = bucket(settings)
    releases = releases_of(settings, is_masked=is_masked)
    with releases.alone():
        before = releases.current_name
        target = _choose(releases, to)
        _check_whole(releases, target)
        # Recorded first, so that readers see only recorded releases.
        record(
            settings,
            ROLLBACK,
            {"from": before, "to": target, "because": because, "is_masked": is_masked},
        )
        releases.make_current(target)
    report.say(f"{target} is current again instead of {before}")
    report.say(str(releases.current))
    send(releases, destinations, report, is_masked=is_masked)
    return RolledBack(target, before, releases.current, is_masked)


def _choose(releases: Releases, to: str | None) -> str:
    """Return the name of the release to restore."""
    names, in_force = releases.names(), releases.current_name
    target = to or releases.previous_name
    if target is None:
        raise PersonaAccessError(
            f"There is no release before {in_force or 'the first'} to go back to: publish a week."
        )
    if target not in names:
        raise PersonaAccessError(
            f"There is no release {target}; there are: {', '.join(names) or 'none'}."
        )
    if target == in_force:
        raise PersonaAccessError(f"The release {target} is already current.")
    return target


def _check_whole(releases: Releases, name: str) -> None:
    """Check every file of a release against its manifest."""
    folder = releases.folder(name)
    for path, said in read_manifest(folder)["members"].items():
        file = folder / path
        if not file.is_file() or sha256_of(file) != said["sha256"]:
            raise PersonaAccessError(
                f"{path} of the release {name} was modified after it was published, so nothing "
                "changed: name an earlier release with --to, or publish again."
            )
