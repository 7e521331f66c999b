"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import pytest
import typer.main

from loader_home import Home
from scenarios.bank import WEEKS, make_bank
from scenarios.parsed import share_parses
from scenarios.project import Project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# Modules that take minutes start first; otherwise one worker runs them last while others idle. The
# second needs no dbt, so that its worker does not wait for the first parse.
LONGEST = (
    "test_kubernetes_weeks",
    "test_loader_malformed",
    "test_postgres",
    "test_web_report",
    "test_week_order",
    "test_history",
    "test_one_figure",
    "test_changed_marts",
    "test_field_cases",
    "test_review_loop",
    "test_postgres_engine",
    "test_demo",
    "test_causes",
    "test_publish",
    "test_loader_killed",
    "test_failing_builds",
    "test_mine_planted",
    "test_laws_metamorphic",
    "test_feed_sources",
    "test_impact",
    "test_zones_and_locales",
    "test_project_check",
    "test_resolve",
    "test_gates",
    "test_foreign_bank",
    "test_findings",
    "test_laws_damage",
    "test_run",
    "test_interruptions",
    "test_host",
    "test_build_changed",
    "test_people_in_logs",
    "test_cases",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first, and keep the order of the others."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session")
def project_root() -> Path:
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real weekly files beside the project; they are never copied into it."""
    folder = PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[[str], Home]:
    """Create a separate home folder for each name."""
    return lambda name: Home(tmp_path / name)


@pytest.fixture
def home(new_home: Callable[[str], Home]) -> Home:
    """Make an empty home folder with the loader's command line bound to it."""
    return new_home("home")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers of a run share; its content is created once."""
    own = tmp_path_factory.getbasetemp()
    # A worker of xdist has its own folder below that of the run.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def shared_parses(shared_folder: Path) -> Iterator[None]:
    """Let dbt parse the common parts of scenario projects only once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        share_parses(monkeypatch, shared_folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def command_line() -> Iterator[None]:
    """Make the command line once for all calls of a worker: each time takes 30 ms."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def built_bank(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the three weeks of the invented bank, for tests that only query it.

    One delivery is refused first: a headcount of 19 January without people. The bank is built once
    for all workers; each has a copy, because commands that query it write logs.
    """
    template = Project(shared_folder / "built_bank")
    with filelock.FileLock(shared_folder / "built_bank.lock"):
        # A failed or stopped build leaves no mark, and is repeated.
        done = template.root / "done"
        if not done.exists():
            shutil.rmtree(template.root, ignore_errors=True)
            make_bank(template.root)
            template.deliver("hr_headcount", date(2026, 1, 19), "brid,cost_center\n")
            assert template.run("load").exit_code == 4
            template.build_models(*WEEKS.values())
            done.touch()
    return template.copy(tmp_path_factory.mktemp("built_bank") / "project")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium, which opens the pages."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def mounting() -> tuple[str, ...]:
    """Return the command for a shell that can mount private file systems."""
    command = ("unshare", "--map-root-user", "--mount", "sh", "-c")
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], check=False).returncode
    ):
        pytest.skip("this system gives no name space of its own to mount a disk in")
    return command
