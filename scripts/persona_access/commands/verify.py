"""The command `persona-access verify`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting, starting


def verify(
    week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Week to build beside the warehouse.")
    ],
    is_whole: Annotated[
        bool, typer.Option("--whole-history", help="Also build all earlier weeks again.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(help="Also compare with <mart>.parquet files of this folder.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Build a week again beside the warehouse, and compare every mart and snapshot."""
    with starting(is_json=is_json):
        from persona_access.weeks.verify import verify as verify_week

    with reporting(is_json=is_json) as out:
        found = verify_week(load_settings(), week.date(), out, is_whole=is_whole, against=against)
        out.document = asdict(found)
        out.heading(f"The week {found.week}, built again beside the warehouse")
        out.table(found.marts)
        if found.inputs:
            out.heading("What the week was built from then, and now")
            out.table(found.inputs)
        for note in found.notes:
            out.say(note)
        found.check()
        out.say(f"All {len(found.marts)} marts and snapshots are identical.")
