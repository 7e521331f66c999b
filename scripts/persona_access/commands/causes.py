"""The command `persona-access causes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.printable import counted, filled_columns
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek
from persona_access.commands.output import Output, print_json

if TYPE_CHECKING:
    from persona_access.base.queries import Record

_N_CAUSES = 30
_N_FINDINGS = 50


def causes(
    cause: Annotated[
        str | None, typer.Argument(help="A cause, by id or rank; shows its findings.")
    ] = None,
    week: BuiltWeek = None,
    is_json: AsJson = False,
) -> None:
    """Show the causes behind the findings of a week, with evidence and action."""
    from persona_access.questions.causes.find import collect

    out = Output(is_json=is_json)
    with out.work("causes"):
        found = collect(load_settings(), week.date() if week else None, cause)
    if is_json:
        print_json(found)
    elif cause is None:
        _show_all(out, found)
    else:
        _show_one(out, found)


def _show_all(page: Output, found: Record) -> None:
    from persona_access.questions.causes.find import headline, news, shown_cause

    page.heading(f"{found['week']}: {headline(found['figures'])}")
    page.say(news(found["figures"]))
    page.table([shown_cause(cause) for cause in found["causes"]], limit=_N_CAUSES)


def _show_one(page: Output, found: Record) -> None:
    cause = found["cause"]
    page.heading(cause["cause_title"])
    page.say(f"  {cause['cause_id']}, since {cause['first_seen_date']}, {cause['cause_state']}")
    page.say(f"  Evidence: {cause['evidence']}")
    page.say(f"  Action: {cause['action_text']}")
    page.say(
        f"  Effect: ends {counted(cause['n_ending'], 'finding')}, "
        f"makes {counted(cause['n_opening'], 'new one')}"
    )
    if cause["has_patch"]:
        page.say(f"  Patch: `persona-access apply {cause['cause_rank']} --author BRID`")
    page.heading("Findings, the rarest access first")
    page.table(filled_columns(found["findings"]), limit=_N_FINDINGS)
