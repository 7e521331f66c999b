"""The folders below target/, outside the warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from persona_access.base.locks import one_after_another
from persona_access.base.settings import Settings


def target_folder(settings: Settings) -> Path:
    """Return the folder where dbt stores the parsed project."""
    return settings.project_root / os.environ.get("DBT_TARGET_PATH", "target")


@contextmanager
def scratch_folder(settings: Settings, name: str) -> Iterator[Path]:
    """Lock the folder target/<name> for this process; other processes wait.

    The folder is kept: next time dbt parses only changed files, which takes a few seconds.
    """
    folder = settings.project_root / "target" / name
    with one_after_another(folder / ".lock"):
        yield folder
