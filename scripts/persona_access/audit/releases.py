"""Check that the releases in the audit log exist, and that the correct one is current."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from persona_access.audit.chain import Entry
from persona_access.audit.record import PRUNE, PUBLISH, ROLLBACK
from persona_access.base.settings import Settings


@dataclass
class _Variant:
    """The releases of one folder according to the log: the kept ones, and the current one."""

    current: str
    kept: set[str] = field(default_factory=set)


def missing_releases(settings: Settings, entries: list[Entry]) -> list[str]:
    """Report releases that are missing without a recorded removal, and wrong links `current`.

    Releases outside the home are not checked.
    """
    faults = []
    for root, said in _variants(settings, entries).items():
        place = root.relative_to(settings.home)
        faults += [
            f"The release {place}/releases/{name} is missing, and no entry records its removal."
            for name in sorted(said.kept | {said.current})
            if not (root / "releases" / name).is_dir()
        ]
        link = root / "current"
        in_force = link.readlink().name if link.is_symlink() else "nothing"
        if in_force != said.current:
            faults.append(
                f"{place}/current points to {in_force}, but {said.current} was made current "
                "last: run `persona-access publish`, and find out who changed it."
            )
    return faults


def _variants(settings: Settings, entries: list[Entry]) -> dict[Path, _Variant]:
    found: dict[Path, _Variant] = {}
    for entry in entries:
        what = entry.what
        # A release outside the home has no files in its entry.
        if entry.action == PUBLISH and entry.files:
            file = settings.home / next(iter(entry.files))
            # The folder that contains `current`.
            root = release_folder(file, what["release"]).parents[1]
            # Entries of earlier versions of this project do not list the kept releases.
            found[root] = _Variant(what["release"], set(what.get("kept", ())))
        elif entry.action == ROLLBACK:
            root = settings.published_masked if what["is_masked"] else settings.published
            if root in found:
                found[root].current = what["to"]
        elif entry.action == PRUNE:
            for path in (settings.home / gone for gone in what["gone"]):
                if path.parent.parent in found:
                    found[path.parent.parent].kept.discard(path.name)
    return found


def release_folder(file: Path, release: str) -> Path:
    """Find the folder of the release to which a published file belongs."""
    return next(folder for folder in file.parents if folder.name == release)
