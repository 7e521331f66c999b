"""Write the data of application and persona pages from the marts, all in one query each."""

from __future__ import annotations

from persona_access.base.queries import worst_first
from persona_access.base.sql import statement

# Sections of one document: name, query with the column _number, and a total order.
Sections = dict[str, tuple[str, str]]

_THIS_WEEK = "as_of_date = (select as_of_date from week)"
_APPLICATION_NAMES = "left join application_names using (application_id)"
_IS_SHOWN = f"{_THIS_WEEK} and (requirement is not null or n_unlisted_holders > 0)"
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
    "open_findings.is_overdue",
    "open_findings.reviewer_brid",
    "access.is_privileged",
    "access.persona_ids",
    "status_since_date",
    "granted_date",
    "last_used_date",
    "rpt_people.cost_center",
    "rpt_people.manager_brid",
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
        statement(__package__, "deviations", columns=", ".join(_DEVIATIONS)),
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
        f"from rpt_persona_requirements {_OF_PERSONA} {_APPLICATION_NAMES}",
        (
            "list_position(['mandatory', 'optional', 'prohibited'], requirement), "
            "application_id, _number"
        ),
    ),
    # Applications that the members hold through another persona are not evidence for this one.
    "persona_access": (
        f"from fct_persona_applications {_OF_PERSONA} {_APPLICATION_NAMES} where {_IS_SHOWN}",
        (
            "list_position(['mandatory', 'optional', 'prohibited'], requirement) nulls last, "
            "greatest(n_unlisted_holders, n_holders) desc, application_id, _number"
        ),
    ),
    # Everybody holds the baseline persona, so only the people page lists its members.
    "members": (
        statement(__package__, "members", columns=", ".join(_MEMBERS)),
        "n_open desc nulls last, brid, _number",
    ),
}
