"""The command `persona-access summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persona_access.base.printable import cell, counted, share, sparkline
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, BuiltWeek
from persona_access.commands.output import Output, print_json, shown

if TYPE_CHECKING:
    from persona_access.base.queries import Record
    from persona_access.base.settings import Settings

_N_REFUSED = 10
_N_TREND = 12
_N_PRIORITIES = 8
_SHARES = ("required_in_place", "excess_rate")
_FIGURES = {
    "open_findings": "to act on",
    "overdue_findings": "overdue, of these",
    "excess": "excess",
    "missing": "missing",
    "unassessed": "unassessed",
    "suspended_findings": "suspended",
    "match": "match",
    "required_in_place": "required access in place",
    "excess_rate": "excess rate",
    "employees": "people employed",
    "unresolved": "without a persona",
    "opened": "findings opened",
    "closed": "findings closed",
    "duty_violations": "violations of duties",
}


def summary(week: BuiltWeek = None, is_json: AsJson = False) -> None:
    """Summarise a week: statuses, worst personas, quarantined rows, the trend."""
    out = Output(is_json=is_json)
    with out.work("summary"):
        from persona_access.questions.summary import collect

        settings = load_settings()
        found = collect(settings, week.date() if week else None)
    if is_json:
        print_json(found)
    else:
        _show(out, settings, found)


def _show(page: Output, settings: Settings, found: Record) -> None:
    from persona_access.questions.causes.find import headline, news, told_cause
    from persona_access.questions.summary import N_WORST

    weeks = found["weeks"]
    page.heading(f"Access against personas as of {found['week']}")
    page.say(
        f"Weeks built: {len(weeks)}, from {weeks[0]} to {weeks[-1]}, "
        f"in {shown(settings, settings.warehouse)}."
    )
    for week in found["unfinished_weeks"]:
        page.say(f"The newest build of {week} failed or is incomplete: do not rely on its figures.")
    _show_verdict(page, found)
    page.heading(headline(found["cause_figures"]))
    page.say(news(found["cause_figures"]))
    # Sentences, because a narrow terminal would omit the action column of a table.
    for cause in found["first_causes"]:
        page.paragraph(told_cause(cause), indent=2, hanging=3)
    if found["priorities"]:
        page.heading("What to do first")
        page.table(found["priorities"], limit=_N_PRIORITIES)
    page.heading("Week by week")
    page.table(_figures(found["trend"][-_N_TREND:]))
    page.heading("Pairs of person and application, by status and reason")
    page.table(found["statuses"])
    page.heading(f"Personas with the most open findings (first {N_WORST})")
    page.table([_with_trend(row) for row in found["worst_personas"]])
    page.heading("People without a persona, by reason")
    page.table(found["unresolved"])
    page.heading("Quarantined rows")
    if found["quarantined"] is None:
        page.say("  These figures are kept only for the newest week.")
    else:
        page.table(found["quarantined"])
    if found["incomplete_weeks"]:
        page.heading("Later delivery dates without a complete week")
        page.table(found["incomplete_weeks"])
    page.heading("Refused files")
    page.table(found["refused_files"], limit=_N_REFUSED)
    _show_next(page, settings)


def _show_verdict(page: Output, found: Record) -> None:
    """Show the number of findings to act on, and its change."""
    newest = found["trend"][-1]
    if not newest["open_findings"]:
        page.verdict("Nothing to act on.", is_good=True)
    else:
        parts = [f"{newest['overdue_findings']:,} overdue" if newest["overdue_findings"] else ""]
        for row in (found["priorities"] or [])[:1]:
            parts.append(
                f"worst: {row['to_act_on']:,} {row['risk']} {row['kind']} "
                f"({row['reason'].replace('_', ' ')})"
            )
        page.verdict(
            f"{newest['open_findings']:,} to act on: {', '.join(filter(None, parts))}.",
            is_good=False,
        )
    page.paragraph(
        f"{share(newest['required_in_place'])} of required access in place "
        f"({newest['missing']:,} missing); {share(newest['excess_rate'])} of held access is excess "
        f"({newest['excess']:,}); {counted(newest['opened'], 'finding')} opened and "
        f"{newest['closed']:,} closed this week."
    )
    if newest["duty_violations"] or newest["duty_violations_mitigated"]:
        page.paragraph(
            f"Segregation of duties: {counted(newest['duty_violations'], 'violation')} without a "
            "control, "
            f"{newest['duty_violations_mitigated']:,} with one."
        )


def _figures(trend: list[Record]) -> list[Record]:
    """Turn the weeks into one line for each figure: now, a week ago, and the trend."""
    newest, *before = reversed(trend)
    lines = []
    for name in _FIGURES:
        values = [row[name] for row in trend]
        is_share = name in _SHARES
        lines.append(
            {
                "figure": _FIGURES[name],
                "now": share(newest[name]) if is_share else cell(newest[name]),
                "week ago": (
                    (share(before[0][name]) if is_share else cell(before[0][name]))
                    if before
                    else ""
                ),
                "weeks": sparkline(values),
            }
        )
    return lines


def _with_trend(row: Record) -> Record:
    """Format the shares and the trend of a persona for people."""
    weeks = row["open_by_week"]
    shown = {name: value for name, value in row.items() if name != "open_by_week"}
    return shown | {
        "required_in_place": share(row["required_in_place"]),
        "excess_rate": share(row["excess_rate"]),
        "weeks": sparkline(weeks),
    }


def _show_next(page: Output, settings: Settings) -> None:
    page.heading("Where to look next")
    page.table(
        [
            {"question": question, "answer": answer}
            for question, answer in (
                ("what the week looks like", "persona-access publish"),
                ("every cause, with its action", "persona-access causes"),
                ("one person, by BRID or name", "persona-access explain BRID"),
                ("what a changed rule would do", "persona-access impact"),
                ("why figures changed", "persona-access why-changed"),
                ("where rules are stored", shown(settings, settings.seeds / "mapping_rules.csv")),
                ("every pair, every week", "table marts.fct_access_reconciliation"),
                ("every table and column", "make docs"),
            )
        ]
    )
