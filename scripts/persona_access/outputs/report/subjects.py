"""Write the data of application and persona pages from the marts, all in one query each."""

from __future__ import annotations

from persona_access.base.queries import worst_first

# Sections of one document: name, query with the column _number, and a total order.
Sections = dict[str, tuple[str, str]]

_THIS_WEEK = "as_of_date = (select as_of_date from week)"
_OF_APPLICATION = "join application_numbers using (application_id)"
_OF_PERSONA = "join persona_numbers using (persona_id)"
_DEVIATIONS = (
    "_number",
    "risk_level",
    "brid",
    "rpt_people.full_name",
    "reconciliation_status",
    "access.reconciliation_reason",
    "access.disposition",
    "finding_due_date as due_date",
    "finding.is_overdue",
    "finding.reviewer_brid",
    "access.is_privileged",
    "access.persona_ids",
    "status_since_date",
    "granted_date",
    "last_used_date",
    "rpt_people.cost_center",
    "rpt_people.manager_brid",
)
_FINDING = (
    "(select brid, application_id, risk_level, due_date as finding_due_date, is_overdue, "
    "reviewer_brid from rpt_findings where finding_state = 'open')"
)
_MEMBERS = (
    "_number",
    "brid",
    "full_name",
    "assignments.cost_center",
    "assignments.management_level",
    "assignment_method",
    "source_id",
    "confidence",
    "n_open",
    "n_match",
    "n_missing",
    "n_excess",
)

APPLICATION_SECTIONS: Sections = {
    "about": (f"from rpt_applications {_OF_APPLICATION}", "application_id"),
    "trend": (
        f"from fct_reconciliation_by_application {_OF_APPLICATION}",
        "application_id, as_of_date",
    ),
    "asking_personas": (
        f"from rpt_persona_requirements {_OF_APPLICATION}",
        "application_id, persona_id",
    ),
    "deviations": (
        (
            f"select {', '.join(_DEVIATIONS)} from fct_access_reconciliation as access "
            f"{_OF_APPLICATION} left join rpt_people using (brid) "
            f"left join {_FINDING} as finding using (brid, application_id) "
            f"where access.{_THIS_WEEK} and reconciliation_status <> 'match'"
        ),
        (
            f"{worst_first('risk_level')} nulls last, "
            "is_overdue desc, status_since_date, brid, _number"
        ),
    ),
}

PERSONA_SECTIONS: Sections = {
    "about": (f"from rpt_personas {_OF_PERSONA}", "persona_id"),
    "trend": (f"from fct_reconciliation_by_persona {_OF_PERSONA}", "persona_id, as_of_date"),
    "requirements": (
        (
            f"from rpt_persona_requirements {_OF_PERSONA} "
            "left join application_names using (application_id)"
        ),
        (
            "list_position(['mandatory', 'optional', 'prohibited'], requirement), "
            "application_id, _number"
        ),
    ),
    # Applications that the members hold through another persona are not evidence for this one.
    "persona_access": (
        (
            f"from fct_persona_applications {_OF_PERSONA} "
            "left join application_names using (application_id) "
            f"where {_THIS_WEEK} and (requirement is not null or n_unlisted_holders > 0)"
        ),
        (
            "list_position(['mandatory', 'optional', 'prohibited'], requirement) nulls last, "
            "greatest(n_unlisted_holders, n_holders) desc, application_id, _number"
        ),
    ),
    # Everybody holds the baseline persona, so only the people page lists its members.
    "members": (
        (
            f"select {', '.join(_MEMBERS)} from fct_persona_assignments as assignments "
            f"{_OF_PERSONA} left join rpt_people using (brid) "
            f"where assignments.{_THIS_WEEK} and assignment_method <> 'baseline'"
        ),
        "n_open desc nulls last, brid, _number",
    ),
}
