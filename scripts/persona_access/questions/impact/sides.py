"""Build the same weeks with both versions of the decisions, in scratch warehouses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from persona_access.base.dbt import DbtProject, one_line
from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import Record, ask
from persona_access.base.report import Reporter
from persona_access.base.scratch import scratch_folder
from persona_access.base.settings import Settings
from persona_access.base.warehouse import reading
from persona_access.base.week_build import read_result
from persona_access.questions.impact.decisions import Decisions
from persona_access.questions.replay.project import scratch_project, write_seeds

_COMPARED = (
    "+fct_access_reconciliation",
    "+fct_persona_assignments",
    "+fct_rule_coverage",
    "+dim_mapping_rules",
)
_TESTS_OF_DECISIONS = (
    "assert_decisions_*",
    "assert_mapping_rules_*",
    "assert_aliases_*",
    "assert_waivers_*",
)


@dataclass(frozen=True)
class Sides:
    """Two warehouses with the same weeks, one for each version, and failed tests."""

    base: Path
    work: Path
    faults: list[Record] = field(default_factory=list)


@contextmanager
def built_sides(
    settings: Settings, decisions: Decisions, weeks: list[date], report: Reporter
) -> Iterator[Sides]:
    """Build the weeks on both sides, each upon the history that the warehouse holds.

    Raises PersonaAccessError when one side does not build, for example for a seed that cannot be
    read. Decisions that build but fail a test are listed as faults of the working tree.
    """
    with scratch_folder(settings, "impact") as folder:
        sides = Sides(
            folder / "base" / settings.warehouse.name, folder / "work" / settings.warehouse.name
        )
        # Both warehouses bear the name of the real one: the models are bound to it once for both.
        project = scratch_project(settings, folder, warehouse=sides.base)
        for name, warehouse, seeds in (
            ("base", sides.base, decisions.base),
            ("working tree", sides.work, decisions.work),
        ):
            write_seeds(project, seeds)
            start_from(settings.warehouse, warehouse)
            for week in weeks:
                with report.work(f"build {week} with the decisions of the {name}") as project.work:
                    _build(project, warehouse, week, name)
        yield replace(sides, faults=_faults(project, sides.work, weeks[-1]))


def start_from(warehouse: Path, copy: Path) -> None:
    """Begin with the history of the real warehouse, if there is one."""
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir()
    if warehouse.is_file():
        with reading(warehouse):
            shutil.copy(warehouse, copy)
            # What a killed build left beside the file is part of the warehouse.
            log = warehouse.with_name(f"{warehouse.name}.wal")
            if log.exists():
                shutil.copy(log, copy.parent)


def _build(project: DbtProject, warehouse: Path, week: date, side: str) -> None:
    outcome = project.invoke(
        "build",
        "--resource-type",
        "seed",
        "--resource-type",
        "model",
        "--select",
        *_COMPARED,
        *(f"+{test}" for test in _TESTS_OF_DECISIONS),
        week=week,
        warehouse=warehouse,
    )
    problems = read_result(week, 0, outcome).problems
    if problems:
        raise PersonaAccessError(
            f"The week {week} cannot be built with the decisions of the {side}: {problems[0]}"
        )


def _faults(project: DbtProject, warehouse: Path, week: date) -> list[Record]:
    """Return the rows that the tests of the decisions find, each with the test's name."""
    outcome = project.invoke(
        "test",
        "--store-failures",
        "--select",
        *_TESTS_OF_DECISIONS,
        week=week,
        warehouse=warehouse,
    )
    results = {str(result.status): result for result in outcome.result.results}
    if "error" in results:
        raise PersonaAccessError(
            f"A test of the decisions cannot run: {one_line(results['error'].message)}"
        )
    with reading(warehouse) as connection:
        return [
            {"test": result.node.name, "row": row}
            for result in outcome.result.results
            if str(result.status) == "fail"
            for row in ask(connection, f"from {result.node.relation_name}")
        ]
