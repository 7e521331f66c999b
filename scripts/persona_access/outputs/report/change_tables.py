"""Tables of changes: joiners, movers, leavers, and causes of findings."""

from __future__ import annotations

from persona_access.base.sql import statement
from persona_access.outputs.report.table import PERSON, THIS_WEEK, UP_TO_THIS_WEEK, Table, columns

MOVEMENT_WEEKS = Table(
    name="movement_weeks",
    title="Week by week",
    model="rpt_week_figures",
    columns=columns(
        "as_of_date date",
        "n_joiners number @movements/movements?as_of_date={as_of_date}&movement_type=joiner",
        "n_rehires number @movements/movements?as_of_date={as_of_date}&movement_type=rehire",
        "n_movers number @movements/movements?as_of_date={as_of_date}&movement_type=mover",
        "n_leavers number @movements/movements?as_of_date={as_of_date}&movement_type=leaver",
        "n_gone number Of these missing from HR without an end date",
        "n_personas_changed number Changed persona",
    ),
    query=UP_TO_THIS_WEEK,
    order="as_of_date",
)
MOVEMENTS = Table(
    name="movements",
    title="People who joined, came back, moved or left",
    model="fct_movements",
    columns=columns(
        "as_of_date date?",
        "movement_type word?",
        *PERSON,
        "is_gone_from_hr_file flag? +",
        "previous_cost_center text?",
        "cost_center text?",
        "previous_management_level text +",
        "management_level text +",
        "previous_persona_ids personas?",
        "persona_ids personas?",
        "is_persona_changed flag?",
        "n_excess number?",
        "n_missing number?",
        "n_unassessed number +",
        "n_match number +",
    ),
    query=statement(__package__, "movements"),
    order="as_of_date desc, list_position(['leaver', 'mover', 'rehire', 'joiner'], movement_type), "
    "n_excess desc, brid",
    empty="Nobody joined, moved or left since the first week.",
)
_OF_MOVERS = "@movements/movements?movement_type=mover&"
# The page computes these tables from loaded data.
PERSONA_MOVES = Table(
    name="persona_moves",
    title="Movers by persona",
    model="",
    columns=columns(
        "previous_persona_id persona From",
        "persona_id persona To",
        f"n_people number People {_OF_MOVERS}previous_persona_ids={{previous_persona_id}}"
        "&persona_ids={persona_id}",
    ),
    empty="Nobody moved between personas.",
    page_size=10,
)
CENTER_MOVES = Table(
    name="center_moves",
    title="Movers by cost center",
    model="",
    columns=columns(
        "previous_cost_center text From",
        "cost_center text To",
        f"n_people number People {_OF_MOVERS}previous_cost_center={{previous_cost_center}}"
        "&cost_center={cost_center}",
    ),
    empty="Nobody moved between cost centers.",
    page_size=10,
)
RESIDUAL = Table(
    name="surviving",
    title="Access that remained after a move or a departure",
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
        "reviewer_role word? +",
    ),
    query="from fct_residual_access left join names using (brid)",
    order="is_used_since desc, days_residual desc, brid, application_id",
    empty="No access remained after a move or a departure.",
)

_OF_CAUSE = "change_cause={change_cause}&finding_type={finding_type}"
CAUSES = Table(
    name="causes",
    title="Why findings opened and closed this week",
    model="rpt_finding_causes",
    columns=columns(
        "change_cause word",
        "finding_type status",
        f"n_opened number @changes/finding_changes?finding_change=opened|reopened&{_OF_CAUSE}",
        "n_reopened number Of these reopened "
        f"@changes/finding_changes?finding_change=reopened&{_OF_CAUSE}",
        f"n_closed number @changes/finding_changes?finding_change=closed&{_OF_CAUSE}",
        "n_people number",
    ),
    query=statement(__package__, "finding_causes"),
    order="n_of_cause desc, change_cause, finding_type",
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
    query=f"from fct_finding_changes left join names using (brid) {THIS_WEEK}",
    order="finding_change, change_cause, brid, application_id, finding_type",
    empty="No finding opened or closed this week.",
)
STATUS_CHANGES = Table(
    name="status_changes",
    title="Every changed status, reason and disposition, and the input that changed it",
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
    query=f"from fct_status_changes left join names using (brid) {THIS_WEEK}",
    order="previous_date desc, list_position(['status', 'reason', 'disposition'], change_kind), "
    "cause, brid, application_id",
    empty="No causes yet: run `persona-access why-changed` to find the cause of every change "
    "between two weeks; the next `persona-access publish` shows them here.",
)

EVERY = (MOVEMENT_WEEKS, MOVEMENTS, RESIDUAL, CAUSES, FINDING_CHANGES, STATUS_CHANGES)
