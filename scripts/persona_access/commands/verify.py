"""The command `persona-access verify`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def verify(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Week to build beside.")],
    is_whole: Annotated[
        bool, typer.Option("--whole-history", help="Build all weeks before it again, too.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(help="Also compare with <mart>.parquet files of this folder.")
    ] = None,
) -> None:
    """Build one week beside the warehouse from its files, and compare every mart and snapshot."""
    from persona_access.weeks.verify import run_verify

    run_verify(load_settings(), week.date(), is_whole=is_whole, against=against)
