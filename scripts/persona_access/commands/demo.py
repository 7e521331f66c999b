"""The command `persona-access demo`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings


def demo(
    employees: Annotated[int, typer.Option(help="People besides the fixed cases.")] = 2000,
    applications: Annotated[int, typer.Option(help="At least 60.")] = 60,
    personas: Annotated[int, typer.Option(help="At least 25; more are named by list.")] = 25,
    applications_per_persona: Annotated[
        int, typer.Option(help="Applications of each persona beyond the 25th.")
    ] = 50,
    weeks: Annotated[int, typer.Option(help="Number of weekly deliveries.")] = 8,
    first_week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of the first delivery.")
    ] = datetime(2026, 9, 28),  # noqa: DTZ001 - a date; typer has no type for one
    seed: Annotated[int, typer.Option(help="Same number and size, same bytes.")] = 7,
    gz: Annotated[bool, typer.Option("--gz", help="Write .csv.gz.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to instead of the drop zone.")
    ] = None,
    seeds_out: Annotated[
        Path | None, typer.Option(help="Also write the decisions, dated for these weeks.")
    ] = None,
) -> None:
    """Write the weekly files of an invented bank, and a list of every defect in them."""
    from persona_access.demo import DemoBank
    from persona_access.demo.command import run_demo

    bank = DemoBank(
        seed=seed,
        n_employees=employees,
        n_applications=applications,
        n_personas=personas,
        n_weeks=weeks,
        first_week=first_week.date(),
        applications_per_persona=applications_per_persona,
    )
    run_demo(load_settings(), bank, out=out, compress=gz, seeds_out=seeds_out)
