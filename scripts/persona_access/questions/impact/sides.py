"""Build the same weeks with both versions of the decisions, in scratch warehouses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from persona_access.base.dbt import one_line
from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import Record, ask
from persona_access.base.report import Reporter
from persona_access.base.scratch import scratch_folder
from persona_access.base.settings import Settings
from persona_access.base.warehouse import reading
from persona_access.questions.impact.decisions import Decisions
from persona_access.questions.replay.copies import start_from
from persona_access.questions.replay.engine import Replay
from persona_access.questions.replay.inputs import Inputs
from persona_access.questions.replay.project import scratch_project

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
    """Build the weeks on both sides, each based on the history of the warehouse.

    Raises PersonaAccessError if a side does not build, for example because of an unreadable seed.
    Decisions that build but fail a test are listed as faults of the working tree.
    """
    with scratch_folder(settings, "impact") as folder:
        # Both warehouses have the name of the real one, so that dbt parses the models only once.
        sides = {side: folder / side / settings.warehouse.name for side in ("base", "work")}
        base = settings.model_copy(update={"warehouse": sides["base"]})
        project = scratch_project(base, folder, settings.warehouse)
        for side, name, seeds in (
            ("base", "base", decisions.base),
            ("work", "working tree", decisions.work),
        ):
            replay = Replay(settings, project, sides[side])
            replay.substitute(Inputs(seeds))
            start_from(settings.warehouse, replay.warehouse)
            for week in weeks:
                replay.build(
                    week,
                    *_COMPARED,
                    *(f"+{test}" for test in _TESTS_OF_DECISIONS),
                    report=report,
                    what=f" with the decisions of the {name}",
                )
        yield Sides(sides["base"], sides["work"], _faults(replay, weeks[-1]))


def _faults(replay: Replay, week: date) -> list[Record]:
    """Return the rows that the tests of the decisions find, each with the test's name."""
    outcome = replay.invoke(
        "test",
        "--store-failures",
        "--select",
        *_TESTS_OF_DECISIONS,
        week=week,
    )
    results = {str(result.status): result for result in outcome.result.results}
    if "error" in results:
        raise PersonaAccessError(
            f"A test of the decisions cannot run: {one_line(results['error'].message)}"
        )
    with reading(replay.warehouse) as connection:
        return [
            {"test": result.node.name, "row": row}
            for result in outcome.result.results
            if str(result.status) == "fail"
            for row in ask(connection, f"from {result.node.relation_name}")
        ]
