"""SQL of the attribution: tables step_0, step_1, ... hold verdicts after each substitution."""

from __future__ import annotations

from collections.abc import Sequence

from persona_access.base.sql import statement

_PAIR = "brid, application_id"
_VERDICT = f"{_PAIR}, reconciliation_status, reconciliation_reason, disposition"
_FACT = "warehouse_of_step.marts.fct_access_reconciliation"

SUMMARY = statement(__package__, "summary")
FLIPS = statement(__package__, "flips")


def changes(before: str, after: str) -> str:
    """Return the statement that finds what differs between two relations of verdicts."""
    return statement(__package__, "changes", before=before, after=after)


def step(number: int) -> str:
    """Return the statement that keeps the verdicts of a step on what changed in all.

    $week is a parameter.
    """
    return f"create table step_{number} as from {of_week('week')} semi join changes using ({_PAIR})"


def of_week(parameter: str) -> str:
    """Return the relation of a week's verdicts; the parameter of this name has its date."""
    return f"(select {_VERDICT} from {_FACT} where as_of_date = ${parameter}) as verdicts"  # noqa: S608


def attribution(causes: Sequence[str]) -> str:
    """Return the statement that finds the cause of each change; causes in order of the steps."""
    return statement(__package__, "attributed", causes=causes)
