"""Scratch folders below target/, never in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persona_access.base.locks import one_after_another
from persona_access.base.settings import Settings


@contextmanager
def scratch_folder(settings: Settings, name: str) -> Iterator[Path]:
    """Lock target/<name> for this process; others wait.

    The folder stays, because dbt then reads only what changed since: seconds instead of many.
    """
    folder = settings.project_root / "target" / name
    with one_after_another(folder / ".lock"):
        yield folder
