"""The command `persona-access explain`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.printable import described, filled_columns
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek
from persona_access.commands.output import Output, print_json
from persona_access.questions.reasons import in_words

if TYPE_CHECKING:
    from persona_access.base.queries import Record

_METHODS = {
    "override": "by override",
    "persona_list": "by the persona list",
    "rule": "by rule",
    "pretrained": "by pre-trained mapping",
    "baseline": "baseline: every current employee holds it",
}
_WHO = (
    "employment_state",
    "worker_type",
    "job_title",
    "management_level",
    "cost_center",
    "cost_center_name",
    "department",
    "location",
    "hire_date",
    "termination_date",
)


def explain(
    brid: Annotated[
        str, typer.Argument(help="In any spelling, such as 00123, b123 or 123; or a name.")
    ],
    week: BuiltWeek = None,
    is_json: AsJson = False,
) -> None:
    """Show who a BRID is, which persona it has and why, and each application with its status."""
    out = Output(is_json=is_json)
    with out.work("explain"):
        from persona_access.questions.explain import explain as explain_brid

        settings = load_settings()
        found = explain_brid(settings, brid, week.date() if week else None)
    if is_json:
        print_json(found)
    else:
        _show(out, found, settings.models)


def _show(page: Output, found: Record, models: Path) -> None:
    """Show the findings about a person as a page."""
    name = f" {found['full_name']}" if found["full_name"] else ""
    page.heading(f"{found['brid']}{name}, as of {found['week']}")
    is_good = not any(row["disposition"] == "open" for row in found["findings"])
    page.verdict(found["verdict"], is_good=is_good)
    _show_person(page, found)
    _show_findings(page, found)
    _show_personas(page, found, models)
    if found["suggestions"]:
        page.heading("Suggestions, not assigned")
        page.table(filled_columns([{**row, "why": None} for row in found["suggestions"]]))
        for row in found["suggestions"]:
            page.paragraph(f"{row['place']}. {row['persona']}: {row['why']}", indent=2, hanging=4)
    if found["people_alike"]:
        page.heading("People alike whose persona the list names: how many hold it")
        page.table(found["people_alike"])
    page.heading("Applications")
    if found["access"]:
        page.table(filled_columns(found["access"]))
    else:
        page.say("  No application is expected or held.")
    for topic, title in (
        ("hr_rows", "HR delivered several rows for this BRID"),
        ("quarantined", "Quarantined rows of this BRID"),
    ):
        if found[topic]:
            page.heading(title)
            page.table(filled_columns(found[topic]))
    _show_next(page, found)


def _show_findings(page: Output, found: Record) -> None:
    if found["findings"]:
        page.heading("Findings")
        page.table(filled_columns(found["findings"]))


def _show_next(page: Output, found: Record) -> None:
    """Show commands that answer the next questions."""
    page.heading("Where to look next")
    person = found["person"]
    if person and person["management_level"] and person["cost_center"]:
        level, center = quote(person["management_level"]), quote(person["cost_center"])
        page.say(f"  persona-access resolve --management-level {level} --cost-center {center}")
    page.say(f"  persona-access explain {quote(found['brid'])} --week {found['week']} --json")


def _show_person(page: Output, found: Record) -> None:
    person = found["person"]
    if person:
        page.paragraph(described({name: person[name] for name in _WHO}), indent=2)
        if person["attributes"]:
            page.paragraph(described(person["attributes"]), indent=2)
        if person["manager_brid"]:
            page.say(f"  manager {person['manager_brid']} {person['manager_name'] or ''}".rstrip())
        if person["has_no_access"]:
            page.say("  Current employee without any access.")
    elif found["personas"]:
        attributes = ("management_level", "cost_center")
        page.paragraph(
            described({name: found["personas"][0][name] for name in attributes}), indent=2
        )
        page.say("  Further details about a person are kept only for the week computed last.")
    else:
        page.say("  HR does not have this BRID in this week.")
        for weeks in found["hr_weeks"]:
            first, last = weeks["first_week_in_hr"], weeks["last_week_in_hr"]
            page.say(f"  HR had it in the weeks from {first} to {last}.")
    for account in found["non_human_accounts"]:
        page.paragraph(f"registered non-human account: {described(account)}", indent=2, hanging=4)


def _show_personas(page: Output, found: Record, models: Path) -> None:
    personas = found["personas"]
    page.heading("Personas, and why")
    if not personas:
        page.say("  None: only employees of that date have a persona.")
    for persona in personas:
        if persona["unresolved_reason"]:
            reason = in_words(models, persona["unresolved_reason"])
            page.paragraph(f"none, because {reason}", indent=2, hanging=4)
            continue
        name = f" ({persona['persona_name']})" if persona["persona_name"] else ""
        method = _METHODS[persona["assignment_method"]]
        page.say(f"  {persona['persona_id']}{name}, {method}")
        for source in persona["sources"]:
            if source.get("why"):
                page.paragraph(source["why"], indent=6)
            page.paragraph(described({**source, "why": None}), indent=6)
    if found["losing_candidates"]:
        page.heading("Candidates that did not win")
        for loser in found["losing_candidates"]:
            page.say(f"  {loser['candidate']}")
