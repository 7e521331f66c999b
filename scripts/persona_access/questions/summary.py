"""The command `persona-access summary`: what the newest week came to, on one page."""

from __future__ import annotations

from datetime import date

from persona_access.base.output import Page, print_json, shown
from persona_access.base.queries import (
    Record,
    ask,
    asking,
    built_weeks,
    choose_week,
    week_computed_last,
)
from persona_access.base.settings import Settings

_N_WORST = 5
_N_REFUSED = 10
_N_TREND = 12

STATUSES = """
select
    reconciliation_status as status,
    reconciliation_reason as reason,
    count(*) as pairs,
    count(distinct brid) as people,
    count(*) filter (where disposition = 'open') as open,
    count(*) filter (where disposition = 'in_sla') as in_sla,
    count(*) filter (where disposition = 'in_grace') as in_grace,
    count(*) filter (where disposition = 'waived') as waived
from marts.fct_access_reconciliation
where as_of_date = $week
group by 1, 2
order by
    list_position(['match', 'missing', 'excess', 'unassessed'], reconciliation_status),
    pairs desc,
    reason
"""

WORST_PERSONAS = """
select
    by_persona.persona_id as persona,
    dim_personas.persona_name,
    dim_personas.owner_brid as owner,
    by_persona.n_employees as people,
    by_persona.n_open as open_findings,
    by_persona.n_missing as missing,
    by_persona.n_excess as excess,
    by_persona.match_rate
from marts.fct_reconciliation_by_persona as by_persona
left join marts.dim_personas on by_persona.persona_id = dim_personas.persona_id
where by_persona.as_of_date = $week and by_persona.n_open > 0
order by by_persona.n_open desc, by_persona.match_rate asc, by_persona.persona_id asc
limit $n_worst
"""

UNRESOLVED = """
select
    unresolved_reason as reason,
    count(distinct brid) as people
from marts.fct_persona_assignments
where as_of_date = $week and unresolved_reason is not null
group by 1
order by people desc, reason
"""

QUARANTINED = """
select
    feed,
    quarantine_stage as stage,
    quarantine_reason as reason,
    count(*) as n_rows,
    min(message) as example
from marts.fct_quarantined_rows
group by 1, 2, 3
order by feed, n_rows desc, reason
"""

REFUSED_FILES = """
select
    refused.file_name as file,
    refused.reason,
    refused.loaded_at as refused_at,
    coalesce(bool_or(loaded.load_id is not null), false) as was_replaced
from raw.load_ledger as refused
left join raw.load_ledger as loaded
    on
        refused.feed = loaded.feed
        and refused.extract_date = loaded.extract_date
        and loaded.load_status = 'loaded'
        and loaded.loaded_at > refused.loaded_at
where refused.load_status = 'rejected'
group by 1, 2, 3
order by was_replaced, refused_at desc, file
"""

TREND = """
with

counts as (

    select
        as_of_date,
        sum(n_match) as n_match,
        sum(n_missing) as n_missing,
        sum(n_excess) as n_excess,
        sum(n_unassessed) as n_unassessed,
        sum(n_open) as n_open
    from marts.fct_reconciliation_by_application
    group by 1

),

employees as (

    select
        as_of_date,
        count(distinct brid) as n_employees,
        count(distinct brid) filter (where unresolved_reason is not null) as n_unresolved
    from marts.fct_persona_assignments
    group by 1

)

select
    counts.as_of_date as week,
    employees.n_employees as employees,
    employees.n_unresolved as unresolved,
    cast(counts.n_match as bigint) as match,
    cast(counts.n_missing as bigint) as missing,
    cast(counts.n_excess as bigint) as excess,
    cast(counts.n_unassessed as bigint) as unassessed,
    cast(counts.n_open as bigint) as open_findings,
    counts.n_match / nullif(counts.n_match + counts.n_missing, 0) as match_rate
from counts
left join employees on counts.as_of_date = employees.as_of_date
where counts.as_of_date <= $week
order by counts.as_of_date
"""

UNFINISHED_WEEKS = """
select as_of_date
from runs.week_builds
group by as_of_date
having not arg_max(is_complete, started_at)
order by as_of_date
"""


def run_summary(settings: Settings, requested: date | None, *, is_json: bool) -> None:
    """Print the summary of a week, the newest one when none is requested.

    Raises PersonaAccessError when nothing is built, or not that week.
    """
    found = collect(settings, requested)
    if is_json:
        print_json(found)
    else:
        show(settings, found)


def collect(settings: Settings, requested: date | None) -> Record:
    """Collect the parts of the summary by name, each a list of records."""
    with asking(settings) as connection:
        week = choose_week(connection, requested)
        has_builds = ask(
            connection, "select 1 as n from duckdb_tables() where table_name = 'week_builds'"
        )
        return {
            "week": week,
            "weeks": built_weeks(connection),
            "unfinished_weeks": [
                row["as_of_date"]
                for row in (ask(connection, UNFINISHED_WEEKS) if has_builds else [])
            ],
            "statuses": ask(connection, STATUSES, {"week": week}),
            "worst_personas": ask(connection, WORST_PERSONAS, {"week": week, "n_worst": _N_WORST}),
            "unresolved": ask(connection, UNRESOLVED, {"week": week}),
            # Null, not empty: the mart keeps the rows of the week computed last alone.
            "quarantined": (
                ask(connection, QUARANTINED) if week == week_computed_last(connection) else None
            ),
            "refused_files": ask(connection, REFUSED_FILES),
            "trend": ask(connection, TREND, {"week": week}),
        }


def show(settings: Settings, found: Record) -> None:
    """Print the summary as a page."""
    page = Page()
    weeks = found["weeks"]
    page.heading(f"Access against personas as of {found['week']}")
    page.say(
        f"Weeks built: {len(weeks)}, from {weeks[0]} to {weeks[-1]}, "
        f"in {shown(settings, settings.warehouse)}."
    )
    for week in found["unfinished_weeks"]:
        page.say(f"The newest build of {week} did not come out whole: do not rely on its figures.")
    page.heading("Pairs of person and application, by status and reason")
    page.table(found["statuses"])
    page.heading(f"Personas with the most open findings (first {_N_WORST})")
    page.table(found["worst_personas"])
    page.heading("People without a persona, by reason")
    page.table(found["unresolved"])
    page.heading("Delivered rows set aside")
    if found["quarantined"] is None:
        page.say("  Kept for the week computed last only.")
    else:
        page.table(found["quarantined"])
    page.heading("Refused files")
    page.table(found["refused_files"], limit=_N_REFUSED)
    page.heading("Week by week")
    page.table(found["trend"][-_N_TREND:])
    _show_next(page, settings)


def _show_next(page: Page, settings: Settings) -> None:
    page.heading("Where to look next")
    page.table(
        [
            {"question": question, "answer": answer}
            for question, answer in (
                ("every pair, every week", "table marts.fct_access_reconciliation"),
                ("who is which persona, and why", "table marts.fct_persona_assignments"),
                ("one person", "persona-access explain BRID"),
                ("what a row was set aside for", "table marts.fct_quarantined_rows"),
                ("where a rule lives", shown(settings, settings.seeds / "mapping_rules.csv")),
                ("what a changed rule would do", "persona-access impact"),
                ("every table and column", "make docs"),
            )
        ]
    )
