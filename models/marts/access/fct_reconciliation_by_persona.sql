with

set_counts as (

    select * from {{ ref('int_persona_set_access') }}

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_personas as (

    select * from {{ ref('int_persona_set_personas') }}

),

set_requirements as (

    select
        persona_set_id,
        application_id,
        requirement
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

persona_requirements as (

    select
        persona_id,
        application_id,
        requirement
    from {{ ref('int_persona_requirements') }}

),

personas as (

    select
        persona_id,
        n_employees
    from {{ ref('dim_personas') }}

),

finding_weeks as (

    select
        as_of_date,
        brid,
        application_id,
        finding_type,
        finding_state,
        opened_date,
        age_days,
        is_overdue,
        n_times_reopened
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

persona_counts as (

    -- Due access counts under each persona that requires it, other access under each of the
    -- holder's own personas: the baseline explains no excess.
    select
        set_personas.persona_id,
        {{ sum_status_counts('set_counts') }}
    from set_personas
    inner join set_counts on set_personas.persona_set_id = set_counts.persona_set_id
    left join persona_requirements
        on
            set_personas.persona_id = persona_requirements.persona_id
            and set_counts.application_id = persona_requirements.application_id
    where
        case
            when set_counts.n_match + set_counts.n_missing > 0
                then persona_requirements.requirement in ('mandatory', 'optional')
            else not set_personas.is_by_baseline
        end
    group by 1

),

finding_flow as (

    -- By the personas of people in this week, in the same way as the counts.
    select
        set_personas.persona_id,
        {{ count_finding_flow() }}
    from finding_weeks
    inner join persona_sets on finding_weeks.brid = persona_sets.brid
    inner join set_personas on persona_sets.persona_set_id = set_personas.persona_set_id
    left join persona_requirements
        on
            set_personas.persona_id = persona_requirements.persona_id
            and finding_weeks.application_id = persona_requirements.application_id
    where
        case
            when finding_weeks.finding_type = 'missing'
                then persona_requirements.requirement = 'mandatory'
            else not set_personas.is_by_baseline
        end
    group by 1

),

optional_counts as (

    select
        set_personas.persona_id,
        sum(set_personas.n_employees - coalesce(set_counts.n_match, 0)) as n_optional_not_held
    from set_personas
    inner join persona_requirements
        on
            set_personas.persona_id = persona_requirements.persona_id
            and persona_requirements.requirement = 'optional'
    inner join set_requirements
        on
            set_personas.persona_set_id = set_requirements.persona_set_id
            and persona_requirements.application_id = set_requirements.application_id
            and set_requirements.requirement = 'optional'
    left join set_counts
        on
            set_personas.persona_set_id = set_counts.persona_set_id
            and set_requirements.application_id = set_counts.application_id
    group by 1

),

counted as (

    select
        personas.persona_id,
        personas.n_employees,
        coalesce(optional_counts.n_optional_not_held, 0) as n_optional_not_held,
        {% for name in status_count_names() %}
            coalesce(persona_counts.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        {{ show_finding_flow('finding_flow') }}
    from personas
    left join persona_counts on personas.persona_id = persona_counts.persona_id
    left join finding_flow on personas.persona_id = finding_flow.persona_id
    left join optional_counts on personas.persona_id = optional_counts.persona_id

),

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        persona_id,
        cast(n_employees as {{ dbt.type_bigint() }}) as n_employees,
        cast(n_optional_not_held as {{ dbt.type_bigint() }}) as n_optional_not_held,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate,
        {{ finding_flow_names() | join(', ') }},
        median_age_days
    from counted

)

select * from rated
