"""A separate dbt project for a scenario: the repository's models with invented feeds and seeds.

Seeds must be inside the project folder, so each scenario gets one: links to the models, its own
seeds, raw layer, warehouse and target.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from persona_access.base.dbt import DbtProject, _environment
from persona_access.base.settings import Settings, load_settings
from persona_access.base.warehouse import opening, reading
from persona_access.base.week_build import WeekResult, build_weeks
from persona_access.commands.main import app
from scenarios.parsed import leave_parse

ROOT = Path(__file__).resolve().parents[3]
LINKED = ("models", "macros", "snapshots", "dbt_packages")
COPIED = ("dbt_project.yml", "profiles.yml", "packages.yml", "package-lock.yml")

Row = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """The result of one dbt test: its status, and the rows that failed it."""

    status: str
    rows: list[Row]


@dataclass(frozen=True)
class Project:
    """One scenario's dbt project; it writes only below `root`."""

    root: Path
    home: Path | None = None

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PERSONA_ACCESS_PROJECT": str(self.root),
            "PERSONA_ACCESS_HOME": str(self.home or self.root / "data"),
            "PERSONA_ACCESS_SETTLE_SECONDS": "0",
        }

    @cached_property
    def settings(self) -> Settings:
        """The settings of the commands that run in this project."""
        return load_settings(environ=self._environment)

    @cached_property
    def _dbt(self) -> DbtProject:
        return DbtProject(self.settings)

    def with_home(self, home: Path) -> Project:
        """Return the same project with files and a warehouse of its own; dbt parses only once."""
        other = Project(self.root, home)
        other._dbt._manifest = self._dbt.manifest
        return other

    def leave_parse(self, *options: str) -> None:
        """Write dbt's parse for `persona-access` in other processes."""
        settings = self.settings
        with _environment(settings, None, settings.warehouse, "", is_replay=False):
            leave_parse(self.root, dict(os.environ), *options)

    def write_seed(self, name: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Write a seed with the columns of the repository's own; columns not given stay empty."""
        with (ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        (self.root / "seeds" / f"{name}.csv").write_text(to_csv(columns, rows), encoding="utf-8")

    def deliver(self, feed: str, extract_date: date, text: str) -> None:
        """Put a file of a feed into the drop zone."""
        self.settings.drop_zone.mkdir(parents=True, exist_ok=True)
        file = self.settings.drop_zone / f"{feed}_{extract_date}.csv"
        file.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Result:
        """Run the command line as a person would, with the settings of this project."""
        unset = ("DROP_ZONE", "LEAVE_FILES", "SEEDS", "WAREHOUSE")
        environment = {f"PERSONA_ACCESS_{name}": None for name in unset} | self._environment
        return CliRunner().invoke(app, list(arguments), env=environment)

    def load(self, *options: str) -> None:
        """Load the drop zone; every file in it has to be accepted."""
        result = self.run("load", *options)
        assert result.exit_code == 0, result.output

    def build(self, *weeks: date) -> list[WeekResult]:
        """Build the weeks in the given order."""
        return list(build_weeks(self.settings, list(weeks)))

    def build_models(self, *weeks: date, only: Sequence[str] = ()) -> None:
        """Build the weeks without their tests, as if they had passed.

        With `only`, builds these models and what they read, which takes half the time again.
        """
        selected = ("--select", *(f"+{model}" for model in only)) if only else ()
        for week in weeks:
            kinds = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
            outcome = self._dbt.invoke("build", *kinds, *selected, week=week)
            assert outcome.success, outcome.exception
        with opening(self.settings.warehouse) as connection:
            connection.execute("update runs.week_builds set is_complete = true, n_skipped = 0")

    def copy(self, root: Path) -> Project:
        """Copy the project with its loaded and built data, to change the copy."""
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root)

    def check(self, test: str, week: date) -> Verdict:
        """Build only the nodes that one dbt test needs, for a week; then run the test."""
        outcome = self._dbt.invoke(
            "build", "--select", f"+{test}", "--indirect-selection", "empty", week=week
        )
        assert outcome.exception is None, outcome.exception
        results = {result.node.name: result for result in outcome.result}
        broken = [result for result in results.values() if result.status == "error"]
        assert not broken, [result.message for result in broken]
        result = results[test]
        return Verdict(
            str(result.status), self.query(result.node.compiled_code) if result.failures else []
        )

    def query(self, sql: str) -> list[Row]:
        """Read rows from the warehouse."""
        with reading(self.settings.warehouse) as connection:
            relation = connection.sql(sql)
            return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def make_project(root: Path, seeds: Mapping[str, Iterable[Mapping[str, str]]]) -> Project:
    """Make a project in a new folder; other seeds have only a header."""
    for name in ("seeds", "tests"):
        (root / name).mkdir(parents=True)
    for name in LINKED:
        (root / name).symlink_to(ROOT / name)
    for file in (ROOT / "tests").iterdir():
        if file.name != "python":
            (root / "tests" / file.name).symlink_to(file)
    for name in COPIED:
        shutil.copy(ROOT / name, root)
    project = Project(root)
    for file in (ROOT / "seeds").glob("*.csv"):
        project.write_seed(file.stem, seeds.get(file.stem, []))
    return project


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Write these columns of the rows as CSV text; a column that a row lacks stays empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
