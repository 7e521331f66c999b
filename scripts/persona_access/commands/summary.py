"""The command `persona-access summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek
from persona_access.commands.output import Output, print_json, shown

if TYPE_CHECKING:
    from persona_access.base.queries import Record
    from persona_access.base.settings import Settings

_N_REFUSED = 10
_N_TREND = 12


def summary(week: BuiltWeek = None, is_json: AsJson = False) -> None:
    """Summarise a week: statuses, worst personas, quarantined rows, the trend."""
    from persona_access.questions.summary import collect

    settings = load_settings()
    out = Output(is_json=is_json)
    with out.work("summary"):
        found = collect(settings, week.date() if week else None)
    if is_json:
        print_json(found)
    else:
        _show(out, settings, found)


def _show(page: Output, settings: Settings, found: Record) -> None:
    from persona_access.questions.causes.find import headline, shown_cause
    from persona_access.questions.summary import N_WORST

    weeks = found["weeks"]
    page.heading(f"Access against personas as of {found['week']}")
    page.say(
        f"Weeks built: {len(weeks)}, from {weeks[0]} to {weeks[-1]}, "
        f"in {shown(settings, settings.warehouse)}."
    )
    for week in found["unfinished_weeks"]:
        page.say(f"The newest build of {week} failed or is incomplete: do not rely on its figures.")
    page.heading(headline(found["cause_figures"]))
    page.table([shown_cause(cause) for cause in found["first_causes"]])
    page.heading("Pairs of person and application, by status and reason")
    page.table(found["statuses"])
    page.heading(f"Personas with the most open findings (first {N_WORST})")
    page.table(found["worst_personas"])
    page.heading("People without a persona, by reason")
    page.table(found["unresolved"])
    page.heading("Quarantined rows")
    if found["quarantined"] is None:
        page.say("  Kept for the newest week only.")
    else:
        page.table(found["quarantined"])
    if found["incomplete_weeks"]:
        page.heading("Deliveries since that are not a complete week")
        page.table(found["incomplete_weeks"])
    page.heading("Refused files")
    page.table(found["refused_files"], limit=_N_REFUSED)
    page.heading("Week by week")
    page.table(found["trend"][-_N_TREND:])
    _show_next(page, settings)


def _show_next(page: Output, settings: Settings) -> None:
    page.heading("Where to look next")
    page.table(
        [
            {"question": question, "answer": answer}
            for question, answer in (
                ("every pair, every week", "table marts.fct_access_reconciliation"),
                ("who is which persona, and why", "table marts.fct_persona_assignments"),
                ("every cause, with its action", "persona-access causes"),
                ("one person", "persona-access explain BRID"),
                ("why a row is quarantined", "table marts.fct_quarantined_rows"),
                ("where a rule lives", shown(settings, settings.seeds / "mapping_rules.csv")),
                ("what a changed rule would do", "persona-access impact"),
                ("every table and column", "make docs"),
            )
        ]
    )
