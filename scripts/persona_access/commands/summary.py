"""The command `persona-access summary`."""

from __future__ import annotations

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek


def summary(
    week: BuiltWeek = None,
    is_json: AsJson = False,
) -> None:
    """Summarise a week: statuses, worst personas, quarantined rows, the trend."""
    from persona_access.questions.summary import run_summary

    run_summary(load_settings(), week.date() if week else None, is_json=is_json)
