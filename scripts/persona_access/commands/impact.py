"""The command `persona-access impact`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.printable import filled_columns
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, print_json, starting

if TYPE_CHECKING:
    from persona_access.base.queries import Record


def impact(
    base: Annotated[
        str | None,
        typer.Option(
            help="Revision to compare with; default: where this branch left origin/main, or "
            "HEAD without such a branch."
        ),
    ] = None,
    weeks: Annotated[
        int, typer.Option(min=1, help="Number of the newest loaded weeks to compare.")
    ] = 1,
    max_changed: Annotated[
        int | None, typer.Option(min=0, help="Exit with 1 if more people than this change.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the whole report to this file, as Markdown.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Show the impact of changed decisions in seeds/: changed personas and statuses."""
    with starting(is_json=is_json):
        from persona_access.questions.impact.collect import check_limits, collect
        from persona_access.questions.impact.report import write_markdown

    out = Output(is_json=is_json)
    with out.work("impact"):
        found = collect(load_settings(), base, weeks, out)
    if markdown:
        write_markdown(found, markdown)
    if is_json:
        print_json(found)
    else:
        _show(out, found)
    check_limits(found, max_changed)


def _show(page: Output, found: Record) -> None:
    """Show the impact; long lists are shortened, with the number of omitted rows."""
    from persona_access.questions.impact.report import LIMIT, headline, sections

    page.heading(headline(found))
    if not found["seed_changes"]:
        page.say("  No decision differs from the base revision, so nothing changes.")
        return
    for title, records in sections(found):
        page.heading(title)
        page.table(filled_columns(records), limit=LIMIT)
