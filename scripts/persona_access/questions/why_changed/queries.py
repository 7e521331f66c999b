"""SQL of the attribution: tables step_0, step_1, ... hold the verdicts after each substitution."""

from __future__ import annotations

from collections.abc import Sequence

from persona_access.base.sql import statement

_VERDICT = "brid, application_id, reconciliation_status, reconciliation_reason, disposition"
_OF_WEEK = "warehouse_of_step.marts.fct_access_reconciliation where as_of_date = $week"

SUMMARY = statement(__package__, "summary")
FLIPS = statement(__package__, "flips")


def step(number: int) -> str:
    """Return the statement that keeps the verdicts of a step; $week is a parameter."""
    return f"create table step_{number} as select {_VERDICT} from {_OF_WEEK}"  # noqa: S608 - of our own


def changes(last: int) -> str:
    """Return the statement that finds what differs between the first and the last step."""
    return statement(__package__, "changes", last=last)


def attribution(causes: Sequence[str]) -> str:
    """Return the statement that finds the cause of each change; causes in order of the steps."""
    return statement(__package__, "attributed", causes=causes)
