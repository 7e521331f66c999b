"""What `persona-access explain` prints for people."""

from __future__ import annotations

from persona_access.base.output import Page, cell
from persona_access.base.queries import Record

_METHODS = {
    "override": "by override",
    "persona_list": "by the persona list",
    "rule": "by rule",
    "pretrained": "by pre-trained mapping",
    "baseline": "baseline: everybody who works here holds it",
}
_REASONS = {
    "ambiguous_rules": "the best rules name different personas; give one of them a priority.",
    "hr_attribute_missing": "the management level or the cost center is empty.",
    "unseen_management_level": "no rule, no pre-trained mapping and nobody with a persona has this "
    "management level.",
    "unseen_cost_center": "no rule, no pre-trained mapping and nobody with a persona has this cost "
    "center.",
    "low_confidence": "no rule answers, and what was learned is not sure enough to assign.",
    "no_mapping": "level and cost center are known, but nothing answers for the pair of them.",
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


def show(found: Record) -> None:
    """Print all that `explain` found, as a page."""
    page = Page()
    name = f" {found['full_name']}" if found["full_name"] else ""
    page.heading(f"{found['brid']}{name}, as of {found['week']}")
    _show_person(page, found)
    _show_personas(page, found)
    if found["suggestions"]:
        page.heading("Suggestions (below the confidence that an assignment needs)")
        page.table(found["suggestions"])
    page.heading("Applications")
    if found["access"]:
        page.table(filled_columns(found["access"]))
    else:
        page.say("  None is expected, and none is held.")
    for topic, title in (
        ("hr_rows", "HR delivered several rows for this BRID"),
        ("quarantined", "Quarantined rows of this BRID"),
    ):
        if found[topic]:
            page.heading(title)
            page.table(filled_columns(found[topic]))


def filled_columns(records: list[Record]) -> list[Record]:
    """Leave out the columns that are empty in every record."""
    filled = [name for name in records[0] if any(record[name] is not None for record in records)]
    return [{name: record[name] for name in filled} for record in records]


def in_words(unresolved_reason: str) -> str:
    """Write the reason why somebody has no persona with what it means."""
    meaning = _REASONS.get(unresolved_reason)
    return f"{unresolved_reason}: {meaning}" if meaning else unresolved_reason


def described(record: Record) -> str:
    """Write what a record holds as `name value, name value`."""
    return ", ".join(
        f"{name.replace('_', ' ')} {cell(value)}"
        for name, value in record.items()
        if value is not None
    )


def _show_person(page: Page, found: Record) -> None:
    person = found["person"]
    if person:
        page.say(f"  {described({name: person[name] for name in _WHO})}")
        if person["manager_brid"]:
            page.say(f"  manager {person['manager_brid']} {person['manager_name'] or ''}".rstrip())
        if person["has_no_access"]:
            page.say("  Works here and holds no access at all.")
    elif found["personas"]:
        attributes = ("management_level", "cost_center")
        page.say(f"  {described({name: found['personas'][0][name] for name in attributes})}")
        page.say("  More about the person is kept for the week computed last only.")
    else:
        page.say("  HR does not have this BRID in this week.")
        for weeks in found["hr_weeks"]:
            first, last = weeks["first_week_in_hr"], weeks["last_week_in_hr"]
            page.say(f"  HR had it in the weeks from {first} to {last}.")
    for account in found["non_human_accounts"]:
        page.say(f"  registered non-human account: {described(account)}")


def _show_personas(page: Page, found: Record) -> None:
    personas = found["personas"]
    page.heading("Personas, and why")
    if not personas:
        page.say("  None: only people who work here on the date have a persona.")
    for persona in personas:
        if persona["unresolved_reason"]:
            page.say(f"  none, because {in_words(persona['unresolved_reason'])}")
            continue
        name = f" ({persona['persona_name']})" if persona["persona_name"] else ""
        method = _METHODS[persona["assignment_method"]]
        page.say(f"  {persona['persona_id']}{name}, {method}")
        for source in persona["sources"]:
            page.say(f"      {described(source)}")
    if found["losing_candidates"]:
        page.heading("Candidates that did not win")
        for loser in found["losing_candidates"]:
            page.say(f"  {loser['candidate']}")
