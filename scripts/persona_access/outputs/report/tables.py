"""The tables with complete lists; each has its own files."""

from __future__ import annotations

from collections.abc import Iterator

from persona_access.base.queries import worst_first
from persona_access.base.sql import statement
from persona_access.outputs.report import change_tables, decision_tables
from persona_access.outputs.report.table import (
    COUNTS,
    PERSON,
    THIS_WEEK,
    TO_ACT_ON,
    UP_TO_THIS_WEEK,
    Table,
    columns,
    findings,
    findings_by,
)

ROWS_A_FILE = 20_000


def every_table() -> Iterator[Table]:
    """Return all tables that have their own files."""
    yield ROOT_CAUSES
    yield from (PRIORITIES, BY_PERSONA, BY_COST_CENTER, BY_MANAGER, REASONS, TREND, HEAT)
    yield from (PERSONA_TREND, APPLICATION_TREND, MANAGER_TREND)
    yield from (APPLICATIONS, PERSONAS, PROPOSALS, PEOPLE, CANDIDATES, FINDINGS, AGEING, DUTIES)
    yield UNASSESSED
    yield from change_tables.EVERY
    yield from decision_tables.EVERY
    yield from (PRIVILEGED, DORMANT)
    yield from (QUARANTINED, HR_CONFLICTS, ALIASES, LOADS)


TREND = Table(
    name="trend",
    title="Week by week",
    model="rpt_week_figures",
    columns=columns(
        "as_of_date week",
        *COUNTS,
        "excess_rate share",
        "n_overdue number",
        "n_suspended number",
        "n_opened number",
        "n_closed number",
        "n_employees number +",
        "n_unresolved_employees number +",
        "n_employees_without_access number +",
        "mapping_coverage share +",
        "n_duty_violations number +",
    ),
    query=UP_TO_THIS_WEEK,
    order="as_of_date",
)

CAUSE_WEEKS = Table(
    name="cause_weeks",
    title="Causes week by week",
    model="rpt_cause_weeks",
    columns=columns(
        "as_of_date date",
        "n_causes number",
        "n_explained number",
        "n_findings number",
        "n_new_causes number",
        "n_news number News",
        "n_new_findings number +",
    ),
    query="from rpt_cause_weeks where as_of_date <= (select as_of_date from week)",
    order="as_of_date",
)

ROOT_CAUSES = Table(
    name="root_causes",
    title="Causes of the findings",
    model="rpt_causes",
    columns=columns(
        "cause_rank number Rank",
        "risk_level risk?",
        "cause_title text Cause",
        "cause_kind word? +",
        f"n_findings number {findings('cause_id={cause_id}')}",
        "evidence text",
        "action_text text Action",
        "action_role word? By",
        "action_brid brid",
        "n_ending number Would end",
        "n_opening number +",
        "is_new flag?",
        "is_grown flag? +",
        "has_patch flag?",
        "cause_state word? +",
        "first_seen_date date +",
        "cause_id text +",
    ),
    query=f"from rpt_causes {THIS_WEEK} and cause_state <> 'closed'",
    order="cause_rank",
    empty="No cause explains several findings.",
    page_size=10,
)

_OF_REASON = (
    "finding_state=open&finding_type={reconciliation_status}"
    "&reconciliation_reason={reconciliation_reason}"
)
REASONS = Table(
    name="reasons",
    title="Why: statuses and their reasons",
    model="rpt_status_reasons",
    columns=columns(
        "reconciliation_status status?",
        "reconciliation_reason word",
        "n_pairs number "
        f"@reconciliation_status=missing:findings/findings?{_OF_REASON};"
        f"reconciliation_status=excess:findings/findings?{_OF_REASON};"
        "reconciliation_status=unassessed:findings/unassessed"
        "?reconciliation_reason={reconciliation_reason}",
        "n_people number",
        f"n_open number {findings(_OF_REASON + '&disposition=open')}",
        f"n_waived number {findings(_OF_REASON + '&disposition=waived')}",
        f"n_in_grace number {findings(_OF_REASON + '&disposition=in_grace')}",
        f"n_in_sla number {findings(_OF_REASON + '&disposition=in_sla')}",
    ),
    query="from rpt_status_reasons",
    order="list_position(['missing', 'excess', 'unassessed', 'match'], reconciliation_status), "
    "n_pairs desc, reconciliation_reason",
)

_OF_PRIORITY = (
    "risk_level={risk_level}&finding_type={finding_type}"
    "&reconciliation_reason={reconciliation_reason}"
)
PRIORITIES = Table(
    name="priorities",
    title="What to do first",
    model="rpt_finding_priorities",
    columns=columns(
        "risk_level risk",
        "finding_type status",
        "reconciliation_reason word",
        f"n_open number {findings(TO_ACT_ON + '&' + _OF_PRIORITY)}",
        f"n_overdue number {findings(_OF_PRIORITY + '&is_overdue=true')}",
        f"n_new number {findings(_OF_PRIORITY + '&is_new=true')}",
        "n_excused number",
        "n_suspended number",
        "n_people number",
        "max_age_days number Oldest, days",
    ),
    query="from rpt_finding_priorities",
    order=f"{worst_first('risk_level')}, n_overdue desc, n_open desc, finding_type, "
    "reconciliation_reason",
    empty="There is no open or suspended finding, so there is nothing to do.",
)

BY_PERSONA = Table(
    name="by_persona",
    title="By persona",
    model="rpt_personas",
    columns=columns(
        "persona_id persona",
        "persona_name text",
        "n_employees number",
        *findings_by("persona_ids={persona_id}"),
        "n_unassessed number @findings/unassessed?persona_ids={persona_id}",
        "n_match number",
        "match_rate share",
        "excess_rate share",
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
        *findings_by("cost_center={cost_center}"),
        "n_unassessed number @findings/unassessed?cost_center={cost_center}",
        "n_match number",
        "match_rate share",
        "excess_rate share",
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
        "n_employees number @people/people?is_employed=true&manager_brid={manager_brid}",
        *findings_by("manager_brid={manager_brid}"),
        "n_unassessed number @findings/unassessed?manager_brid={manager_brid}",
        "n_match number",
        "match_rate share",
        "excess_rate share",
    ),
    query=f"from fct_reconciliation_by_manager left join names on manager_brid = brid {THIS_WEEK}",
    order="n_open desc, match_rate, manager_brid",
    page_size=10,
)

_OF_FIELD = "persona_ids={persona_id}&cost_center={cost_center}"
HEAT = Table(
    name="heat",
    title="Findings to act on by persona and cost center",
    model="rpt_persona_cost_centers",
    columns=columns(
        "persona_id persona",
        "cost_center",
        f"n_open number {findings(TO_ACT_ON + '&' + _OF_FIELD)}",
        f"n_overdue number {findings('is_overdue=true&' + _OF_FIELD)}",
        "n_people number",
    ),
    query="from rpt_persona_cost_centers",
    order="n_open desc, persona_id, cost_center",
    empty="No persona has findings to act on.",
    page_size=10,
)


def _trend(name: str, key: str, mart: str) -> Table:
    """Declare the trend table of those with the most findings to act on in the newest week."""
    kind = {"persona_id": "persona", "application_id": "application", "manager_brid": "brid"}[key]
    named = f"(from {mart} left join names on manager_brid = brid)"
    rows = named if key == "manager_brid" else mart
    return Table(
        name=name,
        title="Week by week",
        model=mart,
        columns=columns(
            f"{key} {kind}",
            *(("full_name text dim_employees.full_name",) if key == "manager_brid" else ()),
            "as_of_date date",
            "n_open number",
            "n_excess number",
            "n_missing number",
        ),
        query=statement(__package__, "trend", key=key, rows=rows),
        order=f"n_now desc, {key}, as_of_date",
        empty="There is nothing to act on.",
        page_size=10,
    )


PERSONA_TREND = _trend("persona_trend", "persona_id", "fct_reconciliation_by_persona")
APPLICATION_TREND = _trend(
    "application_trend", "application_id", "fct_reconciliation_by_application"
)
MANAGER_TREND = _trend("manager_trend", "manager_brid", "fct_reconciliation_by_manager")

APPLICATIONS = Table(
    name="applications",
    title="Applications",
    model="rpt_applications",
    columns=columns(
        "application_id application",
        "application_name text",
        "owner_brid brid?",
        *findings_by("application_id={application_id}"),
        "n_unassessed number @findings/unassessed?application_id={application_id}",
        "n_match number",
        "match_rate share",
        "excess_rate share",
        "n_holders number",
        "n_personas number +",
        "is_modelled flag? +",
        "is_known flag? +",
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
        "business_unit text? +",
        "owner_brid brid?",
        "n_employees number Members",
        *findings_by("persona_ids={persona_id}"),
        "match_rate share",
        "excess_rate share",
        "n_mandatory_applications number Mandatory +",
        "n_optional_applications number Optional +",
        "n_listed_held_by_nobody number Unheld",
        "n_unlisted_held_by_most number Unlisted",
        "listed_held_share share +",
        "held_listed_share share +",
        "member_stability share +",
        "most_alike_persona_id persona +",
        "shared_application_share share +",
        "shared_member_share share +",
        "n_prohibited_applications number Prohibited +",
        "is_baseline flag? +",
        "is_in_persona_list flag? +",
        "is_reached_by_rule flag? +",
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
        *findings_by("brid={brid}", is_facet=True),
        "n_unassessed number? @findings/unassessed?brid={brid}",
        "n_match number",
        "persona_ids personas?",
        "cost_center text?",
        "management_level text? +",
        "manager_brid brid? Manager",
        "employment_state word?",
        "unresolved_reason word? +",
        "job_title text +",
        "has_no_access flag? +",
        "is_employed flag? +",
        "has_no_persona flag? No usable persona +",
    ),
    query=statement(__package__, "people"),
    order="n_open desc nulls last, brid",
)

FINDINGS = Table(
    name="findings",
    title="Findings",
    model="rpt_findings",
    columns=columns(
        "risk_level risk?",
        "brid brid?",
        "full_name",
        "application_id application?",
        "finding_type status?",
        "reconciliation_reason word?",
        "disposition word?",
        "due_date date",
        "is_overdue flag?",
        "age_days number Days",
        "reviewer_brid brid? Reviewer",
        "reviewer_name text +",
        "finding_state word? +",
        "is_new flag? +",
        "is_privileged flag? +",
        "age text? +",
        "persona_ids personas? +",
        "cost_center text? +",
        "manager_brid brid? + Manager",
        "opened_date date? +",
        "opening_cause word? +",
        "closed_date date? +",
        "closing_cause word? +",
        "n_times_reopened number? +",
        "n_times_waiver_ended number +",
        "reviewer_role word? +",
        "suspended_reason word? +",
        "waiver_id text +",
        "cause_id text? fct_finding_causes.cause_id +",
    ),
    query=statement(__package__, "findings"),
    order=f"list_position(['open', 'suspended', 'closed'], finding_state), "
    f"{worst_first('risk_level')}, is_overdue desc, due_date, brid, application_id, "
    "opened_date, finding_id",
)

UNASSESSED = Table(
    name="unassessed",
    title="Access that cannot be classified",
    model="fct_access_reconciliation",
    columns=columns(
        "brid brid?",
        "full_name text dim_employees.full_name",
        "application_id application?",
        "reconciliation_reason word?",
        "is_privileged flag?",
        "granted_date date",
        "last_used_date date",
        "status_since_date date",
        "persona_ids personas? rpt_people.persona_ids +",
        "cost_center text? rpt_people.cost_center +",
        "manager_brid brid? rpt_people.manager_brid Manager +",
    ),
    # The owner, as counted in the figures of personas, cost centers and managers.
    query=statement(__package__, "unassessed"),
    order="reconciliation_reason, brid, application_id",
    empty="All access that is held can be classified.",
)

DUTIES = Table(
    name="duties",
    title="Segregation of duties: people who hold both sides of a rule",
    model="fct_sod_violations",
    columns=columns(
        "severity text?",
        "sod_rule_name text? Rule",
        "sod_rule_id text +",
        "brid brid",
        "held_of_a text",
        "held_of_b text",
        "violation_state word?",
        "is_by_design flag?",
        "mitigating_control text",
        "mitigated_until date +",
        "owner_brid brid Owner of the rule",
        "opened_date date",
        "n_days_open number",
    ),
    query=f"from fct_sod_violations {THIS_WEEK}",
    order="list_position(['open', 'mitigated', 'closed'], violation_state), "
    f"{worst_first('severity')}, sod_rule_id, brid",
    empty="Nobody holds both sides of a rule.",
)

PROPOSALS = Table(
    name="proposals",
    title="Proposed changes of personas",
    model="fct_persona_proposals",
    columns=columns(
        "proposal_rank number Place",
        "proposal_kind word?",
        "persona_id persona?",
        "other_persona_id persona +",
        "management_level text?",
        "cost_center text?",
        "application_ids text Applications",
        "n_members number",
        "support share",
        "lift number +",
        "n_weeks number Weeks",
        "n_settled number",
        "n_blessed number",
        "proposal_id text +",
    ),
    query="from fct_persona_proposals",
    order="proposal_rank",
    empty="The access of the week suggests no change of personas.",
    page_size=10,
)

CANDIDATES = Table(
    name="account_candidates",
    title="Accounts that HR does not know, and their possible owners",
    model="fct_account_candidates",
    columns=columns(
        "account_brid brid Account",
        "orphan_detail word?",
        "n_applications number",
        "candidate_rank number Place",
        "candidate_brid brid Candidate",
        "candidate_name text Name",
        "candidate_state word?",
        "probability share",
        "agreeing_fields text",
        "is_suggested flag?",
        "n_weeks_old number Weeks old",
        "account_id text +",
        "found_date date +",
    ),
    query="from fct_account_candidates",
    order="is_suggested desc, account_brid, candidate_rank",
    empty="No candidate was found; run `persona-access accounts --write` to look for candidates.",
    page_size=10,
)

_STANDING = columns(
    *PERSON,
    "application_id application?",
    "reconciliation_status status?",
    "reconciliation_reason word?",
    "disposition word?",
    "is_privileged flag? +",
    "is_dormant flag? +",
    "n_days_unused number",
    "last_used_date date",
    "last_used_coverage share",
    "granted_date date +",
    "persona_ids personas +",
    "cost_center text? +",
    "manager_brid brid? Manager +",
)
PRIVILEGED = Table(
    name="privileged",
    title="Privileged access",
    model="rpt_standing_access",
    columns=_STANDING,
    query="from rpt_standing_access where is_privileged",
    order="application_id, brid",
    empty="No privileged access is held.",
)
DORMANT = Table(
    name="dormant",
    title="Access that nobody has used for a long time",
    model="rpt_standing_access",
    columns=_STANDING,
    query="from rpt_standing_access where is_dormant",
    order="n_days_unused desc, application_id, brid",
    empty="No access with a known last use is dormant.",
)

AGEING = Table(
    name="ageing",
    title="Age of the findings that still stand",
    model="rpt_finding_ages",
    columns=columns(
        "age text Age",
        f"n_missing number {findings('finding_type=missing&age={age}')}",
        f"n_excess number {findings('finding_type=excess&age={age}')}",
        f"n_overdue number {findings('is_overdue=true&age={age}')}",
        f"n_privileged number {findings('is_privileged=true&age={age}')}",
        f"n_waived number {findings('disposition=waived&age={age}')}",
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
