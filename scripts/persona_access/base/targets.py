"""Separate targets: a home belongs to the target that first loaded there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.files import write_atomically

DEV, STAGING, PRODUCTION = "dev", "staging", "production"
TARGETS = (DEV, STAGING, PRODUCTION)
MARKER = ".target"


def claim_home(home: Path, target: str) -> None:
    """Mark a home with its target, unless it is already marked; a new one is only this user's."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _owner(home):
        write_atomically(home / MARKER, f"{target}\n")


def refuse_foreign(folders: Iterable[Path], target: str) -> None:
    """Raise SettingsError when a folder, or the nearest one above it, belongs to another target."""
    for folder in folders:
        marked = next((place for place in (folder, *folder.parents) if _owner(place)), None)
        owner = _owner(marked) if marked else target
        if owner != target:
            raise SettingsError(
                f"{marked} belongs to the target '{owner}', and PERSONA_ACCESS_TARGET is "
                f"'{target}': use another folder, or set that target."
            )


def _owner(folder: Path) -> str:
    """Return the target in a folder's mark; ignore an empty mark, which a full disk leaves."""
    mark = folder / MARKER
    return mark.read_text("utf-8").strip() if mark.is_file() else ""
