-- Pairs are identified by numbers; this model adds the names again.
{% set flags = [
    'is_in_hr', 'was_in_hr', 'is_hr_row_quarantined', 'is_registered_non_human',
    'is_listed_non_human'
] %}
{% set facts = ['employment_state', 'hire_date', 'days_since_end', 'unresolved_reason'] %}
{% set others = [
    'is_application_known', 'is_application_modelled', 'requirement', 'persona_ids', 'is_granted',
    'is_presumed', 'is_row_named', 'n_grant_rows', 'has_several_accounts', 'is_privileged',
    'granted_date', 'last_used_date'
] %}
with

held as (

    select * from {{ ref('int_access_held') }}

),

missing as (

    select * from {{ ref('int_access_missing') }}

),

access_presumed as (

    select * from {{ ref('int_access_presumed') }}
    where as_of_date = {{ as_of_date() }}

),

people as (

    select * from {{ ref('int_access_people') }}

),

requirements as (

    select * from {{ ref('int_access_requirements') }}

),

applications as (

    select * from {{ ref('int_access_applications') }}

),

pairs as (

    select
        people.brid,
        applications.application_id,
        {% for column in flags + facts %}
            people.{{ column }},
        {% endfor %}
        applications.is_known as is_application_known,
        applications.is_modelled as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        true as is_granted,
        false as is_presumed,
        false as is_row_named,
        held.n_grant_rows,
        held.has_several_accounts,
        held.is_privileged,
        held.granted_date,
        held.last_used_date,
        held.is_source_late or people.is_source_late as is_source_late
    from held
    left join people on held.brid_key = people.brid_key
    left join applications on held.application_key = applications.application_key
    left join requirements on held.requirement_key = requirements.requirement_key

    union all

    select
        brid,
        application_id,
        {% for column in flags + facts + others %}
            {{ column }},
        {% endfor %}
        is_source_late
    from missing

    union all

    select
        access_presumed.brid,
        access_presumed.application_id,
        {% for column in flags + facts %}
            {{ 'coalesce(people.%s, false)' % column if column in flags else 'people.' ~ column }}
                as {{ column }},
        {% endfor %}
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        true as is_granted,
        true as is_presumed,
        coalesce(access_presumed.is_row_named, false) as is_row_named,
        0 as n_grant_rows,
        false as has_several_accounts,
        access_presumed.is_privileged,
        access_presumed.granted_date,
        access_presumed.last_used_date,
        coalesce(people.is_source_late, false) as is_source_late
    from access_presumed
    left join people on access_presumed.brid = people.brid
    left join applications on access_presumed.application_id = applications.application_id
    left join requirements
        on
            people.persona_set_key = requirements.persona_set_key
            and access_presumed.application_id = requirements.application_id

)

select * from pairs
