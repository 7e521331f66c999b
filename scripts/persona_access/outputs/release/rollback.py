"""The `rollback` command: put an earlier release in force again, at once and on record."""

from __future__ import annotations

import typer

from persona_access.audit import record
from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import Releases, sha256


def run_rollback(settings: Settings, to: str | None, because: str, *, is_masked: bool) -> None:
    """Let `current` point at an earlier release, the one before unless said.

    Nothing is removed, and the next `publish` makes a new release as always. Raises
    PersonaAccessError, with the release in force untouched, when there is no such release or it is
    not as it was published.
    """
    releases = Releases(settings.published_masked if is_masked else settings.published)
    with releases.alone():
        before = releases.in_force
        target = _choose(releases, to)
        _check_whole(releases, target)
        # On record first: no reader has what is not.
        record(
            settings,
            "rollback",
            {"from": before, "to": target, "because": because, "is_masked": is_masked},
        )
        releases.put_in_force(target)
    typer.echo(f"{target} is in force again instead of {before}\n{releases.current}")


def _choose(releases: Releases, to: str | None) -> str:
    """Name the release to go back to."""
    names, in_force = releases.names(), releases.in_force
    target = to or releases.before_in_force
    if target is None:
        raise PersonaAccessError(
            f"There is no release before {in_force or 'the first'} to go back to: publish a week."
        )
    if target not in names:
        raise PersonaAccessError(
            f"There is no release {target}; there are: {', '.join(names) or 'none'}."
        )
    if target == in_force:
        raise PersonaAccessError(f"The release {target} is in force already.")
    return target


def _check_whole(releases: Releases, name: str) -> None:
    """Look at every file of a release: what was changed since must not come back into force."""
    folder = releases.folder(name)
    for path, said in read_manifest(folder)["members"].items():
        file = folder / path
        if not file.is_file() or sha256(file) != said["sha256"]:
            raise PersonaAccessError(
                f"{path} of the release {name} is not as it was published, so it was not put in "
                "force: name an earlier release with --to, or publish again."
            )
