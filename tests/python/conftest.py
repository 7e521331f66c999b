"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loader_home import Home

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project_root() -> Path:
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real weekly files beside the project, which are never copied into it."""
    folder = PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[[str], Home]:
    """Make a home folder of its own for each name."""
    return lambda name: Home(tmp_path / name)


@pytest.fixture
def home(new_home: Callable[[str], Home]) -> Home:
    """Make an empty home folder with the loader's command line bound to it."""
    return new_home("home")
