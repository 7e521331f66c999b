"""Every table of the report: what it asks the marts, and which columns people see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ROWS_A_FILE = 20_000


@dataclass(frozen=True)
class Column:
    """A column: its name in the query, how its values are shown, and where its words are.

    Kinds: text, word (of a vocabulary), number, share, date, flag, brid, application, persona,
    personas, status. A facet is a column that can be filtered by value.
    """

    name: str
    kind: str = "text"
    words: str = ""
    is_facet: bool = False
    label: str = ""


@dataclass(frozen=True)
class Table:
    """A table: `name` is also that of its files and of its filters in the address of the page.

    `query` is empty where the page makes the rows of what it has loaded; `order` is total.
    """

    name: str
    title: str
    model: str
    columns: tuple[Column, ...]
    query: str = ""
    order: str = ""
    empty: str = "No row."
    page_size: int = 25


def columns(*declared: str) -> tuple[Column, ...]:
    """Declare columns as `name kind`, with `?` for a facet and `model.column` where words are."""
    return tuple(_declared(text.split()) for text in declared)


def _declared(parts: list[str]) -> Column:
    name, kind, *more = [*parts, "text"] if len(parts) == 1 else parts
    return Column(
        name=name,
        kind=kind.rstrip("?"),
        is_facet=kind.endswith("?"),
        words=next((part for part in more if "." in part), ""),
        label=" ".join(part for part in more if "." not in part),
    )


def every_table() -> Iterator[Table]:
    """All tables that have files of their own."""
    yield from (BY_PERSONA, BY_COST_CENTER, BY_MANAGER, REASONS, TREND)
    yield from (APPLICATIONS, PERSONAS, PEOPLE, FINDINGS, AGEING)
    yield from (QUARANTINED, HR_CONFLICTS, ALIASES, COVERAGE, RULES, DISAGREEMENTS, LOADS)


_STATUSES = ("n_match number", "n_missing number", "n_excess number", "n_unassessed number")
_COUNTS = ("n_open number", "match_rate share", *_STATUSES)
_PERSON = ("brid brid", "full_name text dim_employees.full_name")
_THIS_WEEK = "where as_of_date = (select as_of_date from week)"

TREND = Table(
    name="trend",
    title="Week by week",
    model="fct_reconciliation_by_week",
    columns=columns(
        "as_of_date date",
        *_COUNTS,
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
        from fct_access_reconciliation {_THIS_WEEK} group by all
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
        *_COUNTS,
    ),
    query=f"""
        select by_persona.*, persona_name
        from (from fct_reconciliation_by_persona {_THIS_WEEK}) as by_persona
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
        *_COUNTS,
    ),
    query=f"""
        select by_cost_center.*, names.cost_center_name
        from (from fct_reconciliation_by_cost_center {_THIS_WEEK}) as by_cost_center
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
        *_COUNTS,
    ),
    query=f"""
        select by_manager.*, full_name
        from (from fct_reconciliation_by_manager {_THIS_WEEK}) as by_manager
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
        *_COUNTS,
        "is_modelled flag? dim_applications.is_modelled",
        "is_known flag? dim_applications.is_known",
    ),
    query=f"""
        select * exclude (as_of_date)
        from (select * exclude (as_of_date) from dim_applications) as applications
        full join (from fct_reconciliation_by_application {_THIS_WEEK}) as counts
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
        left join (from fct_reconciliation_by_persona {_THIS_WEEK}) as counts using (persona_id)
    """,
    order="n_open desc nulls last, persona_id",
)

PEOPLE = Table(
    name="people",
    title="People",
    model="fct_reconciliation_by_employee",
    columns=columns(
        *_PERSON,
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
        *_PERSON,
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
    order="list_position(['open', 'frozen', 'closed'], finding_state), is_overdue desc, "
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
            on age_days between from_days and to_days and finding_state in ('open', 'frozen')
        group by ages.age
    """,
    order="_from",
)

QUARANTINED = Table(
    name="quarantined",
    title="Rows that were set aside",
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
    empty="No row was set aside.",
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

COVERAGE = Table(
    name="coverage",
    title="What the rules say of each level and cost center",
    model="fct_rule_coverage",
    columns=columns(
        "management_level text?",
        "cost_center text?",
        "coverage word?",
        "persona_id persona",
        "deciding_rules",
        "n_assigning_rules number",
        "has_overlap flag?",
        "n_employees number?",
    ),
    query="from fct_rule_coverage",
    order="list_position(['ambiguous', 'gap', 'excluded', 'assigned'], coverage), "
    "n_employees desc, management_level, cost_center",
)

RULES = Table(
    name="rules",
    title="Mapping rules",
    model="dim_mapping_rules",
    columns=columns(
        "rule text Rule",
        "effect word?",
        "management_level",
        "cost_center",
        "persona_id persona",
        "priority number",
        "is_in_force flag?",
        "n_employees_decided number",
        "n_cells_decided number",
        "is_redundant flag?",
        "is_ambiguous flag?",
        "is_unreachable flag?",
        "owner brid",
        "approved_by brid",
        "approved_on date",
        "valid_to date",
        "rationale",
    ),
    query="select rule_id || ' v' || rule_version as rule, * from dim_mapping_rules",
    order="rule_id, rule_version",
)

DISAGREEMENTS = Table(
    name="disagreements",
    title="Where a weaker source says something else than what won",
    model="fct_method_disagreements",
    columns=columns(
        "losing_method word?",
        "losing_source_id text Source",
        "losing_persona_id persona Says",
        "winning_method word?",
        "n_people number",
    ),
    query="""
        select
            losing_method,
            losing_source_id,
            losing_persona_id,
            winning_method,
            count(distinct brid) as n_people
        from fct_method_disagreements group by all
    """,
    order="n_people desc, losing_method, losing_source_id, losing_persona_id, winning_method",
    empty="All sources agree.",
)

LOADS = Table(
    name="loads",
    title="Files that arrived",
    model="stg_loader__loads",
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
    query="from stg_loader__loads",
    order="extract_date desc nulls last, feed, version desc, file_name, load_id",
)

# Tables of the pages of one application, one persona, one person.
ASKING_PERSONAS = Table(
    name="personas",
    title="Personas that name it",
    model="fct_persona_requirements",
    columns=columns(
        "persona_id persona",
        "requirement word?",
        "n_employees number dim_personas.n_employees Members",
        "n_match number fct_reconciliation_by_persona.n_match Held",
        "n_missing number fct_reconciliation_by_persona.n_missing",
        "match_rate share fct_reconciliation_by_persona.match_rate",
    ),
    empty="No persona names this application.",
)
REQUIREMENTS = Table(
    name="requirements",
    title="Applications that its members should have",
    model="fct_persona_requirements",
    columns=columns(
        "application_id application",
        "application_name text dim_applications.application_name",
        "requirement word?",
        "n_match number fct_reconciliation_by_persona.n_match Held",
        "n_missing number fct_reconciliation_by_persona.n_missing",
        "match_rate share fct_reconciliation_by_persona.match_rate",
    ),
    empty="The persona has no application.",
)
MEMBERS = Table(
    name="members",
    title="Members",
    model="fct_persona_assignments",
    columns=columns(
        *_PERSON,
        "cost_center text?",
        "management_level text?",
        "assignment_method word? By",
        "source_id text Source",
        "confidence share",
        "n_open number? fct_reconciliation_by_employee.n_open",
        "n_match number fct_reconciliation_by_employee.n_match",
        "n_missing number? fct_reconciliation_by_employee.n_missing",
        "n_excess number? fct_reconciliation_by_employee.n_excess",
    ),
    empty="Nobody is a member.",
)
DEVIATIONS = Table(
    name="people",
    title="People whose access is missing, excess or unassessed",
    model="fct_access_reconciliation",
    columns=columns(
        *_PERSON,
        "reconciliation_status status?",
        "reconciliation_reason word?",
        "disposition word?",
        "is_privileged flag?",
        "persona_ids personas Asked for by",
        "status_since_date date",
        "granted_date date",
        "last_used_date date",
        "cost_center text? dim_employees.cost_center",
        "manager_brid brid dim_employees.manager_brid",
    ),
    empty="All access to this application is as it should be.",
)
ACCESS = Table(
    name="access",
    title="Applications",
    model="fct_access_reconciliation",
    columns=columns(
        "application_id application",
        "reconciliation_status status?",
        "reconciliation_reason word?",
        "orphan_detail word",
        "disposition word?",
        "requirement word?",
        "persona_ids personas Asked for by",
        "is_privileged flag?",
        "status_since_date date",
        "granted_date date",
        "last_used_date date",
        "last_expected_date date",
        "days_since_end number",
        "waiver_id",
        "waived_by brid stg_decisions__waivers.approved_by Waived by",
        "waived_until date stg_decisions__waivers.valid_to Waived until",
    ),
    empty="None is expected, and none is held.",
    page_size=100,
)
SUGGESTIONS = Table(
    name="suggestions",
    title="Suggestions, below the confidence that an assignment needs",
    model="fct_persona_suggestions",
    columns=columns(
        "suggestion_rank number Place",
        "persona_id persona",
        "confidence share",
        "support number",
        "mapping_id",
    ),
)
PERSON_HR_ROWS = Table(
    name="hr_rows",
    title="HR delivered several rows for this BRID",
    model="fct_hr_conflicts",
    columns=tuple(column for column in HR_CONFLICTS.columns if column.name != "brid"),
)
PERSON_SET_ASIDE = Table(
    name="set_aside",
    title="Rows of this BRID that were set aside",
    model="fct_quarantined_rows",
    columns=tuple(column for column in QUARANTINED.columns if column.name != "brid"),
)
