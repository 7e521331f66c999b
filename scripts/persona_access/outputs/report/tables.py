"""The tables that list everything, each in files of its own."""

from __future__ import annotations

from collections.abc import Iterator

from persona_access.outputs.report import change_tables, decision_tables
from persona_access.outputs.report.table import (
    COUNTS,
    PERSON,
    THIS_WEEK,
    UP_TO_THIS_WEEK,
    Table,
    columns,
)

ROWS_A_FILE = 20_000


def every_table() -> Iterator[Table]:
    """All tables that have files of their own."""
    yield from (BY_PERSONA, BY_COST_CENTER, BY_MANAGER, REASONS, TREND)
    yield from (APPLICATIONS, PERSONAS, PEOPLE, FINDINGS, AGEING)
    yield from change_tables.EVERY
    yield from decision_tables.EVERY
    yield from (QUARANTINED, HR_CONFLICTS, ALIASES, LOADS)


TREND = Table(
    name="trend",
    title="Week by week",
    model="rpt_week_figures",
    columns=columns(
        "as_of_date date",
        *COUNTS,
        "n_overdue number",
        "n_suspended number",
        "n_opened number",
        "n_closed number",
        "n_employees number",
        "n_unresolved_employees number",
        "n_employees_without_access number",
        "mapping_coverage share",
    ),
    query=UP_TO_THIS_WEEK,
    order="as_of_date",
)

REASONS = Table(
    name="reasons",
    title="Why: statuses and their reasons",
    model="rpt_status_reasons",
    columns=columns(
        "reconciliation_status status?",
        "reconciliation_reason word",
        "n_pairs number",
        "n_people number",
        "n_open number",
        "n_waived number",
        "n_in_grace number",
        "n_in_sla number",
    ),
    query="from rpt_status_reasons",
    order="list_position(['missing', 'excess', 'unassessed', 'match'], reconciliation_status), "
    "n_pairs desc, reconciliation_reason",
)

BY_PERSONA = Table(
    name="by_persona",
    title="By persona",
    model="rpt_personas",
    columns=columns(
        "persona_id persona",
        "persona_name text",
        "n_employees number",
        *COUNTS,
    ),
    query="from rpt_personas",
    order="n_open desc, match_rate, persona_id",
    page_size=10,
)

BY_COST_CENTER = Table(
    name="by_cost_center",
    title="By cost center",
    model="rpt_cost_centers",
    columns=columns(
        "cost_center",
        "cost_center_name text Name",
        "n_employees number",
        "n_unresolved_employees number",
        *COUNTS,
    ),
    query="from rpt_cost_centers",
    order="n_open desc, match_rate, cost_center",
    page_size=10,
)

BY_MANAGER = Table(
    name="by_manager",
    title="By manager",
    model="fct_reconciliation_by_manager",
    columns=columns(
        "manager_brid brid",
        "full_name text dim_employees.full_name",
        "n_employees number",
        *COUNTS,
    ),
    query=f"from fct_reconciliation_by_manager left join names on manager_brid = brid {THIS_WEEK}",
    order="n_open desc, match_rate, manager_brid",
    page_size=10,
)

APPLICATIONS = Table(
    name="applications",
    title="Applications",
    model="rpt_applications",
    columns=columns(
        "application_id application",
        "application_name text",
        "owner_brid brid",
        "n_personas number",
        "n_holders number",
        *COUNTS,
        "is_modelled flag?",
        "is_known flag?",
    ),
    query="from rpt_applications",
    order="n_open desc nulls last, application_id",
)

PERSONAS = Table(
    name="personas",
    title="Personas",
    model="rpt_personas",
    columns=columns(
        "persona_id persona",
        "persona_name text",
        "business_unit text?",
        "owner_brid brid",
        "is_baseline flag?",
        "is_in_persona_list flag?",
        "is_reached_by_rule flag?",
        "n_employees number Members",
        "n_mandatory_applications number Mandatory",
        "n_optional_applications number Optional",
        "n_prohibited_applications number Prohibited",
        "n_open number",
        "match_rate share",
        "n_missing number",
        "n_excess number",
    ),
    query="from rpt_personas",
    order="n_open desc nulls last, persona_id",
)

PEOPLE = Table(
    name="people",
    title="People",
    model="rpt_people",
    columns=columns(
        *PERSON,
        "n_open number?",
        "n_missing number?",
        "n_excess number?",
        "n_unassessed number?",
        "n_match number",
        "persona_ids personas?",
        "unresolved_reason word?",
        "cost_center text?",
        "management_level text?",
        "job_title text",
        "manager_brid brid",
        "employment_state word?",
        "has_no_access flag?",
    ),
    query="from rpt_people",
    order="n_open desc nulls last, brid",
)

FINDINGS = Table(
    name="findings",
    title="Findings",
    model="fct_access_findings",
    columns=columns(
        *PERSON,
        "application_id application",
        "finding_type status?",
        "reconciliation_reason word?",
        "finding_state word?",
        "disposition word?",
        "age_days number Days",
        "opened_date date",
        "due_date date",
        "is_overdue flag?",
        "is_privileged flag?",
        "n_times_reopened number?",
        "n_times_waiver_ended number",
        "reviewer_brid brid",
        "reviewer_role word?",
        "opening_cause word",
        "closed_date date",
        "closing_cause word?",
        "waiver_id",
    ),
    query="from fct_access_findings left join names using (brid)",
    order="list_position(['open', 'suspended', 'closed'], finding_state), is_overdue desc, "
    "age_days desc, brid, application_id, opened_date, finding_id",
)

AGEING = Table(
    name="ageing",
    title="How old the findings are that still stand",
    model="rpt_finding_ages",
    columns=columns(
        "age text Age",
        "n_missing number",
        "n_excess number",
        "n_overdue number",
        "n_privileged number",
        "n_waived number",
    ),
    query="from rpt_finding_ages",
    order="from_days",
)

QUARANTINED = Table(
    name="quarantined",
    title="Quarantined rows",
    model="fct_quarantined_rows",
    columns=columns(
        "feed word?",
        "quarantine_stage word?",
        "quarantine_reason word?",
        "file_name text File",
        "row_number number Line",
        "brid brid",
        "column_name text Column",
        "value_as_delivered text Value",
        "message",
    ),
    query="from fct_quarantined_rows",
    order="feed, file_name, row_number",
    empty="No row is quarantined.",
)

HR_CONFLICTS = Table(
    name="hr_conflicts",
    title="People with several HR rows",
    model="fct_hr_conflicts",
    columns=columns(
        "brid brid",
        "brid_as_delivered text As delivered",
        "is_chosen flag? Counts",
        "employment_state word",
        "management_level",
        "cost_center",
        "hire_date date",
        "termination_date date",
        "file_name text File",
        "row_number number Line",
    ),
    query="from fct_hr_conflicts",
    order="brid, is_chosen desc, file_name, row_number",
    empty="Nobody has several HR rows.",
)

ALIASES = Table(
    name="aliases",
    title="Spellings that may be the same application",
    model="fct_alias_suggestions",
    columns=columns(
        "spelling",
        "application_id application May be",
        "suggestion_kind word?",
        "missing_share share",
        "n_missing number",
        "n_holders number",
        "n_shared number",
        "first_suggested_date date",
    ),
    query=f"from fct_alias_suggestions {THIS_WEEK} and suggestion_kind <> 'alternative'",
    order="missing_share desc, application_id, spelling",
    empty="No spelling looks like a known application.",
)

LOADS = Table(
    name="loads",
    title="Files that arrived",
    model="fct_loads",
    columns=columns(
        "extract_date date",
        "feed word?",
        "file_name text File",
        "version number",
        "load_status word?",
        "n_rows_read number",
        "n_rows_loaded number",
        "n_rows_quarantined number",
        "is_in_force flag?",
        "is_restatement flag?",
        "reason",
    ),
    query="from fct_loads",
    order="extract_date desc nulls last, feed, version desc, file_name, load_id",
)
