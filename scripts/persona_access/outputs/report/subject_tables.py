"""The tables of the pages of one application, one persona and one person."""

from __future__ import annotations

from persona_access.outputs.report.change_tables import MOVEMENTS, RESIDUAL, STATUS_CHANGES
from persona_access.outputs.report.decision_tables import EXCEPTIONS
from persona_access.outputs.report.table import PERSON, Column, Table, columns
from persona_access.outputs.report.tables import FINDINGS, HR_CONFLICTS, QUARANTINED


def _without(table: Table, *names: str) -> tuple[Column, ...]:
    """Return the columns without some; their texts are still those of the mart."""
    return tuple(column for column in table.columns if column.name not in names)


# Tables of the pages of one application, one persona, one person.
ASKING_PERSONAS = Table(
    name="asking_personas",
    title="Personas with this application",
    model="rpt_persona_requirements",
    columns=columns(
        "persona_id persona",
        "requirement word?",
        "n_employees number Members",
        "n_match number Held",
        "n_missing number",
        "match_rate share",
    ),
    empty="No persona names this application.",
)
REQUIREMENTS = Table(
    name="requirements",
    title="Applications that its members should have",
    model="rpt_persona_requirements",
    columns=columns(
        "application_id application",
        "application_name text dim_applications.application_name",
        "requirement word?",
        "n_match number Held",
        "n_missing number",
        "match_rate share",
    ),
    empty="The persona has no application.",
)
PERSONA_ACCESS = Table(
    name="persona_access",
    title="Applications that its members hold, listed or not",
    model="fct_persona_applications",
    columns=columns(
        "application_id application",
        "application_name text dim_applications.application_name",
        "requirement word? Listed as",
        "n_holders number",
        "n_members number",
        "holder_share share",
        "n_unlisted_holders number",
        "n_employed_holders number +",
    ),
    empty="The persona lists no application, and no member holds an unlisted one.",
)
MEMBERS = Table(
    name="members",
    title="Members",
    model="fct_persona_assignments",
    columns=columns(
        *PERSON,
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
    name="deviations",
    title="People whose access is missing, excess or unassessed",
    model="fct_access_reconciliation",
    columns=columns(
        "risk_level risk? rpt_findings.risk_level",
        *PERSON,
        "reconciliation_status status?",
        "reconciliation_reason word?",
        "disposition word?",
        "due_date date rpt_findings.due_date",
        "is_overdue flag? rpt_findings.is_overdue",
        "reviewer_brid brid? rpt_findings.reviewer_brid Reviewer",
        "status_since_date date",
        "is_privileged flag? +",
        "persona_ids personas + Asked for by",
        "granted_date date +",
        "last_used_date date +",
        "cost_center text? dim_employees.cost_center +",
        "manager_brid brid dim_employees.manager_brid +",
    ),
    empty="All access to this application matches the personas.",
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
        "waived_by brid dim_exceptions.approved_by Waived by",
        "waived_until date dim_exceptions.valid_to Waived until",
    ),
    empty="No application is expected or held.",
    page_size=100,
)
# Further tables of a person's page; each query has the person in `brid`.
SUGGESTIONS = Table(
    name="suggestions",
    title="Suggestions below the confidence that an assignment needs",
    model="fct_persona_suggestions",
    columns=columns(
        "suggestion_rank number Place",
        "persona_id persona",
        "suggested_by",
        "confidence share",
        "explanation",
        "mapping_id",
    ),
    query="from fct_persona_suggestions",
    order="suggestion_rank",
)
FINDINGS_OF_PERSON = Table(
    name="findings_of_person",
    title="Findings, also those that closed",
    model="rpt_findings",
    columns=_without(
        FINDINGS, "brid", "full_name", "cost_center", "manager_brid", "age", "cause_id"
    ),
    query="from rpt_findings",
    order="list_position(['open', 'suspended', 'closed'], finding_state), opened_date, finding_id",
)
EXCEPTIONS_OF_PERSON = Table(
    name="exceptions_of_person",
    title="Exceptions: waivers, overrides, registration",
    model="dim_exceptions",
    columns=_without(EXCEPTIONS, "brid"),
    query="from dim_exceptions",
    order="list_position(['in_force', 'not_started', 'expired'], exception_state), "
    "exception_kind, exception_id, valid_from, valid_to, purpose",
)
MOVEMENTS_OF_PERSON = Table(
    name="movements_of_person",
    title="Joined, moved, left",
    model="fct_movements",
    columns=_without(MOVEMENTS, "brid", "full_name"),
    query="from fct_movements where as_of_date <= (select as_of_date from week)",
    order="as_of_date desc",
)
RESIDUAL_OF_PERSON = Table(
    name="residual_of_person",
    title="Access that remained after a move or the departure",
    model="fct_residual_access",
    columns=_without(RESIDUAL, "brid", "full_name"),
    query="from fct_residual_access",
    order="application_id",
)
STATUS_CHANGES_OF_PERSON = Table(
    name="status_changes_of_person",
    title="What changed, and why",
    model="fct_status_changes",
    columns=_without(STATUS_CHANGES, "brid", "full_name"),
    query="from fct_status_changes where as_of_date = (select as_of_date from week)",
    order="previous_date desc, application_id",
)
HR_ROWS = Table(
    name="hr_rows",
    title="HR delivered several rows for this BRID",
    model="fct_hr_conflicts",
    columns=_without(HR_CONFLICTS, "brid"),
    query="from fct_hr_conflicts",
    order="is_chosen desc, file_name, row_number",
)
QUARANTINED_ROWS = Table(
    name="quarantined_rows",
    title="Quarantined rows of this BRID",
    model="fct_quarantined_rows",
    columns=_without(QUARANTINED, "brid"),
    query="from fct_quarantined_rows where brid is not null",
    order="feed, file_name, row_number",
)
OF_PERSON = (
    FINDINGS_OF_PERSON,
    EXCEPTIONS_OF_PERSON,
    MOVEMENTS_OF_PERSON,
    RESIDUAL_OF_PERSON,
    STATUS_CHANGES_OF_PERSON,
    SUGGESTIONS,
    HR_ROWS,
    QUARANTINED_ROWS,
)
# Tables that a page computes from loaded data.
OF_PAGES = (ASKING_PERSONAS, DEVIATIONS, REQUIREMENTS, PERSONA_ACCESS, MEMBERS, ACCESS)
