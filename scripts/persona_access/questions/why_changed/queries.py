"""SQL of the attribution: step_0, step_1, ... contain the statuses after each substitution."""

from __future__ import annotations

from collections.abc import Sequence

from persona_access.base.sql import statement

_PAIR = "brid, application_id"
_VERDICT = f"{_PAIR}, reconciliation_status, reconciliation_reason, disposition"
_FACT = "warehouse_of_step.marts.fct_access_reconciliation"

SUMMARY = statement(__package__, "summary")
FLIPS = statement(__package__, "flips")


def changes(before: str, after: str) -> str:
    """Return the SQL statement that finds the differences between two relations of statuses."""
    return statement(__package__, "changes", before=before, after=after)


def step(number: int) -> str:
    """Return the SQL statement that keeps the statuses of changed pairs after a step.

    $week is a parameter.
    """
    return f"create table step_{number} as from {of_week('week')} semi join changes using ({_PAIR})"


def of_week(parameter: str) -> str:
    """Return the relation of a week's statuses; the parameter with this name has the date."""
    return f"(select {_VERDICT} from {_FACT} where as_of_date = ${parameter}) as verdicts"  # noqa: S608


def attribution(causes: Sequence[str]) -> str:
    """Return the SQL statement that finds the cause of each change, in the order of the steps."""
    statuses = (f"select {at} as number, * from step_{at}" for at in range(len(causes)))  # noqa: S608
    return statement(
        __package__,
        "attributed",
        causes=list(causes),
        statuses=f"({' union all by name '.join(statuses)})",
    )
