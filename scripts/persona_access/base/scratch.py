"""Scratch folders below target/, never in the warehouse."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persona_access.base.settings import Settings


@contextmanager
def scratch_folder(settings: Settings, name: str) -> Iterator[Path]:
    """Lock target/<name> for this process; others wait.

    The folder stays, because dbt then reads only what changed since: seconds instead of many.
    """
    folder = settings.project_root / "target" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield folder
