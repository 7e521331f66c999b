"""Run git and return its output."""

from __future__ import annotations

import subprocess
from pathlib import Path

from persona_access.base.errors import MachineError


def git_output(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, byte for byte; None when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise MachineError(
            "git is not installed, but it is needed to read earlier decisions: install git."
        ) from error
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def place_in_repository(folder: Path) -> str | None:
    """Return a folder relative to the top of its repository; None outside of one."""
    top = git_output(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return None
    return folder.resolve().relative_to(Path(top.strip()).resolve()).as_posix()
