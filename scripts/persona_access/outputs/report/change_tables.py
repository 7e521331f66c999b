"""Tables of changes: joiners, movers, leavers, and causes of findings."""

from __future__ import annotations

from persona_access.outputs.report.table import PERSON, THIS_WEEK, Table, columns

MOVEMENT_WEEKS = Table(
    name="movement_weeks",
    title="Week by week",
    model="fct_movements",
    columns=columns(
        "as_of_date date",
        "n_joiners number",
        "n_rehires number",
        "n_movers number",
        "n_leavers number",
        "n_gone number Of these gone without a word",
        "n_personas_changed number Changed persona",
    ),
    # A week in which nobody moved has a row, too.
    query="""
        select
            as_of_date,
            count(*) filter (movement_type = 'joiner') as n_joiners,
            count(*) filter (movement_type = 'rehire') as n_rehires,
            count(*) filter (movement_type = 'mover') as n_movers,
            count(*) filter (movement_type = 'leaver') as n_leavers,
            count(*) filter (is_gone_from_hr_file) as n_gone,
            count(*) filter (is_persona_changed) as n_personas_changed
        from (
            select as_of_date from fct_reconciliation_by_week
            where as_of_date <= (select as_of_date from week)
        ) as weeks
        left join fct_movements using (as_of_date)
        group by as_of_date
    """,
    order="as_of_date desc",
)
MOVEMENTS = Table(
    name="movements",
    title="Who joined, came back, moved or left",
    model="fct_movements",
    columns=columns(
        "as_of_date date?",
        "movement_type word?",
        *PERSON,
        "is_gone_from_hr_file flag?",
        "previous_cost_center",
        "cost_center",
        "previous_management_level",
        "management_level",
        "previous_persona_ids personas",
        "persona_ids personas",
        "is_persona_changed flag?",
        "n_excess number?",
        "n_missing number?",
        "n_unassessed number",
        "n_match number",
    ),
    query="""
        select movements.*, full_name
        from fct_movements as movements left join dim_employees using (brid)
        where movements.as_of_date <= (select as_of_date from week)
    """,
    order="as_of_date desc, list_position(['leaver', 'mover', 'rehire', 'joiner'], movement_type), "
    "n_excess desc, brid",
    empty="Nobody joined, moved or left since the first week.",
)
RESIDUAL = Table(
    name="surviving",
    title="Access that outlived a move or a departure",
    model="fct_residual_access",
    columns=columns(
        *PERSON,
        "application_id application",
        "residual_after_event word?",
        "event_date date",
        "days_residual number",
        "is_used_since flag?",
        "last_used_date date",
        "is_privileged flag?",
        "disposition word?",
        "grace_ends_date date",
        "reviewer_brid brid",
        "reviewer_role word?",
    ),
    query="""
        select surviving.*, full_name
        from fct_residual_access as surviving left join dim_employees using (brid)
    """,
    order="is_used_since desc, days_residual desc, brid, application_id",
    empty="No access outlived a move or a departure.",
)

CAUSES = Table(
    name="causes",
    title="Why findings opened and closed this week",
    model="fct_finding_changes",
    columns=columns(
        "change_cause word",
        "n_opened number fct_reconciliation_by_week.n_opened",
        "n_reopened number fct_reconciliation_by_week.n_reopened Of these reopened",
        "n_closed number fct_reconciliation_by_week.n_closed",
        "n_missing number",
        "n_excess number",
        "n_people number",
    ),
    query=f"""
        select
            change_cause,
            count(*) filter (finding_change in ('opened', 'reopened')) as n_opened,
            count(*) filter (finding_change = 'reopened') as n_reopened,
            count(*) filter (finding_change = 'closed') as n_closed,
            count(*) filter (finding_type = 'missing') as n_missing,
            count(*) filter (finding_type = 'excess') as n_excess,
            count(distinct brid) as n_people
        from fct_finding_changes {THIS_WEEK} group by all
    """,
    order="n_opened + n_closed desc, change_cause",
    empty="No finding opened or closed this week.",
)
FINDING_CHANGES = Table(
    name="finding_changes",
    title="Findings that opened or closed this week",
    model="fct_finding_changes",
    columns=columns(
        *PERSON,
        "application_id application",
        "finding_type status?",
        "finding_change word?",
        "change_cause word?",
        "opened_date date",
    ),
    query=f"""
        select changes.*, full_name
        from (from fct_finding_changes {THIS_WEEK}) as changes
        left join dim_employees using (brid)
    """,
    order="finding_change, change_cause, brid, application_id, finding_type",
    empty="No finding opened or closed this week.",
)
STATUS_CHANGES = Table(
    name="status_changes",
    title="Every changed status, reason and disposition, and its one cause",
    model="fct_status_changes",
    columns=columns(
        *PERSON,
        "application_id application",
        "change_kind word?",
        "cause word?",
        "status_before status?",
        "status_after status?",
        "reason_before word",
        "reason_after word",
        "disposition_before word",
        "disposition_after word",
        "previous_date date Compared with",
    ),
    query=f"""
        select changes.*, full_name
        from (from fct_status_changes {THIS_WEEK}) as changes
        left join dim_employees using (brid)
    """,
    order="previous_date desc, list_position(['status', 'reason', 'disposition'], change_kind), "
    "cause, brid, application_id",
    empty="Nobody asked yet: `persona-access why-changed` finds the cause of every change between "
    "two weeks, and the next `persona-access publish` shows it here.",
)

EVERY = (MOVEMENT_WEEKS, MOVEMENTS, RESIDUAL, CAUSES, FINDING_CHANGES, STATUS_CHANGES)
