"""The tables that list everything, each in files of its own."""

from __future__ import annotations

from collections.abc import Iterator

from persona_access.outputs.report import change_tables, decision_tables
from persona_access.outputs.report.table import COUNTS, PERSON, THIS_WEEK, Table, columns

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
    model="fct_reconciliation_by_week",
    columns=columns(
        "as_of_date date",
        *COUNTS,
        "n_overdue number",
        "n_opened number",
        "n_closed number",
        "n_employees number",
        "n_unresolved_employees number",
        "n_employees_without_access number",
        "mapping_coverage share",
    ),
    query="""
        from fct_reconciliation_by_week where as_of_date <= (select as_of_date from week)
    """,
    order="as_of_date",
)

REASONS = Table(
    name="reasons",
    title="Why: statuses and their reasons",
    model="fct_access_reconciliation",
    columns=columns(
        "reconciliation_status status?",
        "reconciliation_reason word",
        "n_pairs number",
        "n_people number",
        "n_open number fct_reconciliation_by_application.n_open",
        "n_waived number fct_reconciliation_by_application.n_waived",
        "n_in_grace number fct_reconciliation_by_application.n_in_grace",
        "n_in_sla number fct_reconciliation_by_application.n_in_sla",
    ),
    query=f"""
        select
            reconciliation_status,
            reconciliation_reason,
            count(*) as n_pairs,
            count(distinct brid) as n_people,
            count(*) filter (disposition = 'open') as n_open,
            count(*) filter (disposition = 'waived') as n_waived,
            count(*) filter (disposition = 'in_grace') as n_in_grace,
            count(*) filter (disposition = 'in_sla') as n_in_sla
        from fct_access_reconciliation {THIS_WEEK} group by all
    """,
    order="list_position(['missing', 'excess', 'unassessed', 'match'], reconciliation_status), "
    "n_pairs desc, reconciliation_reason",
)

BY_PERSONA = Table(
    name="by_persona",
    title="By persona",
    model="fct_reconciliation_by_persona",
    columns=columns(
        "persona_id persona",
        "persona_name text dim_personas.persona_name",
        "n_employees number",
        *COUNTS,
    ),
    query=f"""
        select by_persona.*, persona_name
        from (from fct_reconciliation_by_persona {THIS_WEEK}) as by_persona
        left join dim_personas using (persona_id)
    """,
    order="n_open desc, match_rate, persona_id",
    page_size=10,
)

BY_COST_CENTER = Table(
    name="by_cost_center",
    title="By cost center",
    model="fct_reconciliation_by_cost_center",
    columns=columns(
        "cost_center",
        "cost_center_name text dim_employees.cost_center_name Name",
        "n_employees number",
        "n_unresolved_employees number",
        *COUNTS,
    ),
    query=f"""
        select by_cost_center.*, names.cost_center_name
        from (from fct_reconciliation_by_cost_center {THIS_WEEK}) as by_cost_center
        left join (
            select lower(cost_center) as key, min(cost_center_name) as cost_center_name
            from dim_employees group by 1
        ) as names on lower(cost_center) = names.key
    """,
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
    query=f"""
        select by_manager.*, full_name
        from (from fct_reconciliation_by_manager {THIS_WEEK}) as by_manager
        left join dim_employees as managers on by_manager.manager_brid = managers.brid
    """,
    order="n_open desc, match_rate, manager_brid",
    page_size=10,
)

APPLICATIONS = Table(
    name="applications",
    title="Applications",
    model="fct_reconciliation_by_application",
    columns=columns(
        "application_id application",
        "application_name text dim_applications.application_name",
        "owner_brid brid dim_applications.owner_brid",
        "n_personas number dim_applications.n_personas",
        "n_holders number dim_applications.n_holders",
        *COUNTS,
        "is_modelled flag? dim_applications.is_modelled",
        "is_known flag? dim_applications.is_known",
    ),
    query=f"""
        select * exclude (as_of_date)
        from (select * exclude (as_of_date) from dim_applications) as applications
        full join (from fct_reconciliation_by_application {THIS_WEEK}) as counts
            using (application_id)
    """,
    order="n_open desc nulls last, application_id",
)

PERSONAS = Table(
    name="personas",
    title="Personas",
    model="dim_personas",
    columns=columns(
        "persona_id persona",
        "persona_name text dim_personas.persona_name",
        "business_unit text?",
        "owner_brid brid",
        "is_baseline flag?",
        "is_in_persona_list flag?",
        "is_reached_by_rule flag?",
        "n_employees number Members",
        "n_mandatory_applications number Mandatory",
        "n_optional_applications number Optional",
        "n_prohibited_applications number Prohibited",
        "n_open number fct_reconciliation_by_persona.n_open",
        "match_rate share fct_reconciliation_by_persona.match_rate",
        "n_missing number fct_reconciliation_by_persona.n_missing",
        "n_excess number fct_reconciliation_by_persona.n_excess",
    ),
    query=f"""
        select personas.*, n_open, match_rate, n_match, n_missing, n_excess, n_unassessed
        from (select * exclude (as_of_date) from dim_personas) as personas
        left join (from fct_reconciliation_by_persona {THIS_WEEK}) as counts using (persona_id)
    """,
    order="n_open desc nulls last, persona_id",
)

PEOPLE = Table(
    name="people",
    title="People",
    model="fct_reconciliation_by_employee",
    columns=columns(
        *PERSON,
        "n_open number?",
        "n_missing number?",
        "n_excess number?",
        "n_unassessed number?",
        "n_match number",
        "persona_ids personas? dim_employees.persona_ids",
        "unresolved_reason word?",
        "cost_center text? dim_employees.cost_center",
        "management_level text? dim_employees.management_level",
        "job_title text dim_employees.job_title",
        "manager_brid brid dim_employees.manager_brid",
        "employment_state word? dim_employees.employment_state",
        "has_no_access flag?",
    ),
    # Everybody of HR and IAM; an account without a person has no attributes.
    query="""
        select
            counts.brid,
            full_name,
            coalesce(employment_state, 'not_in_hr') as employment_state,
            job_title,
            employees.management_level,
            employees.cost_center,
            employees.manager_brid,
            persona_ids,
            counts.unresolved_reason,
            n_open,
            n_match,
            n_missing,
            n_excess,
            n_unassessed,
            counts.has_no_access
        from fct_reconciliation_by_employee as counts
        left join dim_employees as employees using (brid)
    """,
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
    query="""
        select findings.*, full_name
        from fct_access_findings as findings left join dim_employees using (brid)
    """,
    order="list_position(['open', 'suspended', 'closed'], finding_state), is_overdue desc, "
    "age_days desc, brid, application_id, opened_date, finding_id",
)

AGEING = Table(
    name="ageing",
    title="How old the findings are that still stand",
    model="fct_access_findings",
    columns=columns(
        "age text Age",
        "n_missing number",
        "n_excess number",
        "n_overdue number",
        "n_privileged number",
        "n_waived number",
    ),
    query="""
        select
            ages.age,
            count(*) filter (finding_type = 'missing') as n_missing,
            count(*) filter (finding_type = 'excess') as n_excess,
            count(*) filter (is_overdue) as n_overdue,
            count(*) filter (is_privileged) as n_privileged,
            count(*) filter (disposition = 'waived') as n_waived,
            min(from_days) as _from
        from (
            values ('up to 7 days', 0, 7), ('8 to 30 days', 8, 30), ('31 to 90 days', 31, 90),
                ('more than 90 days', 91, 1000000)
        ) as ages (age, from_days, to_days)
        left join fct_access_findings
            on age_days between from_days and to_days and finding_state in ('open', 'suspended')
        group by ages.age
    """,
    order="_from",
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
        "overlap_share share",
        "n_missing number",
        "n_holders number",
        "n_shared number",
    ),
    query="from fct_alias_suggestions",
    order="overlap_share desc, application_id, spelling",
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
