"""The command `persona-access demo`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def demo(
    employees: Annotated[
        int, typer.Option(help="Number of people, in addition to the fixtures.")
    ] = 2000,
    applications: Annotated[int, typer.Option(help="At least 60.")] = 60,
    personas: Annotated[int, typer.Option(help="Number of personas, at least 25.")] = 25,
    applications_per_persona: Annotated[
        int, typer.Option(help="Number of applications of each persona after the 25th.")
    ] = 50,
    weeks: Annotated[int, typer.Option(help="Number of weekly deliveries.")] = 8,
    first_week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of the first delivery.")
    ] = datetime(2026, 9, 28),  # noqa: DTZ001 - a date; typer has no type for one
    seed: Annotated[
        int, typer.Option(help="Seed number; the same number and sizes give the same bytes.")
    ] = 7,
    gz: Annotated[bool, typer.Option("--gz", help="Write .csv.gz.")] = False,
    is_foreign: Annotated[
        bool,
        typer.Option(
            "--foreign",
            help="Write the same bank in formats of other systems, which feeds/demo maps.",
        ),
    ] = False,
    has_answers: Annotated[
        bool,
        typer.Option(
            "--answers", help="Also write the answers of three reviewers to their work lists."
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to instead of the drop zone.")
    ] = None,
    seeds_out: Annotated[
        Path | None, typer.Option(help="Also write the decisions, dated for these weeks.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Write the weekly files of an invented bank, and a list of every defect in them."""
    from persona_access.demo import DemoBank
    from persona_access.demo.generate import FEEDS
    from persona_access.demo.write import write_bank

    bank = DemoBank(
        seed=seed,
        n_employees=employees,
        n_applications=applications,
        n_personas=personas,
        n_weeks=weeks,
        first_week=first_week.date(),
        applications_per_persona=applications_per_persona,
    )
    if gz and is_foreign:
        raise typer.BadParameter("--gz and --foreign cannot be combined: choose one")
    with reporting(is_json=is_json) as output:
        drop_zone, result = write_bank(
            load_settings(),
            bank,
            output,
            out=out,
            compress=gz,
            is_foreign=is_foreign,
            seeds_out=seeds_out,
            has_answers=has_answers,
        )
        output.document = {"drop_zone": drop_zone, **asdict(result)}
        output.say(
            f"An invented bank, seed number {bank.seed}: {bank.n_employees:,} employees and the "
            f"fixtures, {bank.n_applications} applications, {bank.n_personas} personas, "
            f"weeks {bank.first_week} to {bank.weeks[-1]}."
        )
        for feed in FEEDS:
            written = [file for file in result.feed_files if file.feed == feed]
            n_rows = sum(file.n_rows for file in written)
            n_bytes = sum(file.n_bytes for file in written)
            output.say(
                f"  {feed:<17} {len(written):>3} files {n_rows:>12,} rows {n_bytes / 1e6:>9,.1f} MB"
            )
        output.say(f"Drop zone: {drop_zone}")
        output.say(
            f"Truth: {result.truth_file} ({result.n_truth_rows:,} rows: {result.n_cases} "
            "planted cases, and effects of people's moves)"
        )
