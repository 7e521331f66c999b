"""The pages of one application and one persona: what the marts say of each, all asked at once."""

from __future__ import annotations

# Sections of one document: name, query with the column _number of the application, total order.
Sections = dict[str, tuple[str, str]]

NUMBERS = """
create or replace temp table application_numbers as
select application_id, row_number() over (order by application_id) - 1 as _number
from (
    select application_id from dim_applications
    union select application_id from fct_access_reconciliation
    union select application_id from fct_persona_requirements
);

create or replace temp table persona_numbers as
select persona_id, row_number() over (order by persona_id) - 1 as _number
from (
    select persona_id from dim_personas
    union select persona_id from fct_persona_assignments where persona_id is not null
    union select persona_id from fct_persona_requirements
);

create or replace temp table requirement_counts as
with counted as (
    select persona_ids, application_id, reconciliation_status, count(*) as n_pairs
    from fct_access_reconciliation
    where as_of_date = (select as_of_date from week) and persona_ids is not null
    group by all
), by_persona as (
    select unnest(string_split(persona_ids, ' | ')) as persona_id, * exclude (persona_ids)
    from counted
)
select
    requirements.persona_id,
    requirements.application_id,
    requirements.requirement,
    coalesce(sum(n_pairs) filter (reconciliation_status = 'match'), 0)::bigint as n_match,
    coalesce(sum(n_pairs) filter (reconciliation_status = 'missing'), 0)::bigint as n_missing,
    sum(n_pairs) filter (reconciliation_status = 'match')
    / nullif(sum(n_pairs) filter (reconciliation_status in ('match', 'missing')), 0) as match_rate
from (
    select persona_id, application_id, requirement from fct_persona_requirements
    where as_of_date = (select as_of_date from week)
) as requirements
left join by_persona using (persona_id, application_id)
group by all;
"""

APPLICATION_SECTIONS: Sections = {
    "about": (
        """
        select _number, applications.*, owners.full_name as owner_name
        from dim_applications as applications
        join application_numbers using (application_id)
        left join dim_employees as owners on owner_brid = brid
        """,
        "application_id",
    ),
    "trend": (
        """
        select _number, counts.*
        from fct_reconciliation_by_application as counts
        join application_numbers using (application_id)
        """,
        "application_id, as_of_date",
    ),
    "personas": (
        """
        select _number, requirement_counts.*, n_employees
        from requirement_counts
        join application_numbers using (application_id)
        left join dim_personas using (persona_id)
        """,
        "application_id, persona_id",
    ),
    "people": (
        """
        select
            _number,
            brid,
            full_name,
            reconciliation_status,
            reconciliation_reason,
            disposition,
            is_privileged,
            access.persona_ids,
            status_since_date,
            granted_date,
            last_used_date,
            cost_center,
            manager_brid
        from fct_access_reconciliation as access
        join application_numbers using (application_id)
        left join dim_employees using (brid)
        where
            access.as_of_date = (select as_of_date from week) and reconciliation_status <> 'match'
        """,
        """
        list_position(['missing', 'excess', 'unassessed'], reconciliation_status),
        status_since_date, brid, _number
        """,
    ),
}

PERSONA_SECTIONS: Sections = {
    "about": (
        """
        select _number, personas.*, owners.full_name as owner_name
        from dim_personas as personas
        join persona_numbers using (persona_id)
        left join dim_employees as owners on owner_brid = brid
        """,
        "persona_id",
    ),
    "trend": (
        """
        select _number, counts.*
        from fct_reconciliation_by_persona as counts join persona_numbers using (persona_id)
        """,
        "persona_id, as_of_date",
    ),
    "requirements": (
        """
        select _number, requirement_counts.*, application_name
        from requirement_counts
        join persona_numbers using (persona_id)
        left join dim_applications using (application_id)
        """,
        """
        list_position(['mandatory', 'optional', 'prohibited'], requirement),
        application_id, _number
        """,
    ),
    # Everybody holds the baseline: the people page lists them.
    "members": (
        """
        select
            _number,
            brid,
            full_name,
            assignments.cost_center,
            assignments.management_level,
            assignment_method,
            source_id,
            confidence,
            n_open,
            n_match,
            n_missing,
            n_excess
        from fct_persona_assignments as assignments
        join persona_numbers using (persona_id)
        left join fct_reconciliation_by_employee using (brid)
        left join dim_employees using (brid)
        where
            assignments.as_of_date = (select as_of_date from week)
            and assignment_method <> 'baseline'
        """,
        "n_open desc nulls last, brid, _number",
    ),
}
