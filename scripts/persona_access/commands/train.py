"""The command `persona-access train`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from persona_access.base.extras import extra
from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import (
    AsJson,
    IgnoredAttributes,
    MinPrecision,
    min_precision_of,
)
from persona_access.commands.output import reporting, starting

_CHANGES_SHOWN = 20


def train(
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Learn from the weeks up to this date only."),
    ] = None,
    ignore: IgnoredAttributes = None,
    min_precision: MinPrecision = None,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Only show whose persona would change; write nothing."),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Learn persona mappings from people whose persona is known, and write them as seeds."""
    with starting(is_json=is_json), extra("train", "Learning"):
        from persona_access.learning.seed import CHANGES_FILE
        from persona_access.learning.train import train as learn

    settings = load_settings()
    minimum = min_precision_of(settings, min_precision)
    with reporting(is_json=is_json, log_of=settings) as out:
        found = learn(
            settings,
            until=until.date() if until else None,
            ignored=ignore or [],
            minimum=minimum,
            is_dry=diff,
            report=out,
        )
        out.document = asdict(found)
        training = found.training
        out.say(
            f"Learned from {counted(training.n_people, 'person', 'people')} with "
            f"{counted(training.n_personas, 'persona')} ({training.first_extract_date} to "
            f"{training.data_date}), by "
            f"{', '.join(found.attributes)}."
        )
        if found.n_confirmed or found.n_rejected or found.n_contradicting:
            out.say(
                f"People confirmed {counted(found.n_confirmed, 'persona')} and rejected "
                f"{found.n_rejected:,}, {found.n_answered:,} of these in answers to their lists. "
                f"Ignored: {counted(found.n_contradicting, 'answer')} against "
                "persona_feedback.csv."
            )
        out.say(
            f"{counted(found.n_mappings, 'mapping')}: {found.n_changed_rows:,} changed, "
            f"{found.n_assigning:,} can assign a persona. In each group (`evaluate` shows "
            f"them), at least {minimum:.0%} of the held-out people who are assigned one hold it."
        )
        out.say(f"In the newest headcount: {found.summary}.")
        out.table([asdict(change) for change in found.changes], limit=_CHANGES_SHOWN)
        out.say(
            "Nothing was written (--diff)."
            if diff
            else f"Wrote {settings.seeds}: review {CHANGES_FILE} and git diff."
        )
        if not found.has_newcomers:
            out.say(
                "Hire dates and weeks give too few newcomers to hold out: the precision for "
                "joiners is not assured."
            )
