"""The `demo` command: generate, and say what was written and where."""

from __future__ import annotations

from pathlib import Path

import typer

from persona_access.base.errors import SettingsError
from persona_access.base.settings import Settings
from persona_access.base.targets import PRODUCTION
from persona_access.demo.generate import FEEDS, DemoBank, write_demo
from persona_access.demo.seeds import DEFAULT_FIRST_WEEK, shift_seeds


def run_demo(
    settings: Settings, demo: DemoBank, *, out: Path | None, compress: bool, seeds_out: Path | None
) -> None:
    """Write the demo bank into the drop zone (or `out`) and the truth beside it; print a summary.

    Raises SettingsError for a bank that cannot be generated, and for any in production, before
    anything is written.
    """
    if settings.target == PRODUCTION:
        raise SettingsError(
            "PERSONA_ACCESS_TARGET is 'production', where no invented bank may stand beside real "
            "people: use dev or staging."
        )
    demo.check()
    drop_zone = out.expanduser().absolute() if out else settings.drop_zone
    truth_file = (drop_zone.parent if out else settings.home) / "demo_truth.csv"
    if seeds_out:
        shift_seeds(settings.seeds, seeds_out, (demo.first_week - DEFAULT_FIRST_WEEK).days)
        typer.echo(f"Decisions, dated for weeks from {demo.first_week}, in {seeds_out}")
    elif demo.first_week != DEFAULT_FIRST_WEEK:
        typer.echo(
            f"The decisions in {settings.seeds} are dated for weeks from {DEFAULT_FIRST_WEEK}: "
            "with other weeks the truth file is right only for the copy that --seeds-out writes.",
            err=True,
        )
    result = write_demo(
        demo, drop_zone, truth_file, compress=compress, memory_limit=settings.memory_limit
    )
    typer.echo(
        f"An invented bank, seed number {demo.seed}: {demo.n_employees:,} employees and the "
        f"fixtures, {demo.n_applications} applications, {demo.n_personas} personas, "
        f"weeks {demo.first_week} to {demo.weeks[-1]}."
    )
    for feed in FEEDS:
        written = [file for file in result.feed_files if file.feed == feed]
        n_rows = sum(file.n_rows for file in written)
        n_bytes = sum(file.n_bytes for file in written)
        typer.echo(
            f"  {feed:<17} {len(written):>3} files {n_rows:>12,} rows {n_bytes / 1e6:>9,.1f} MB"
        )
    typer.echo(f"Drop zone: {drop_zone}")
    typer.echo(
        f"Truth: {result.truth_file} ({result.n_truth_rows:,} rows: {result.n_cases} planted "
        "cases, and what the movement of people leaves behind)"
    )
