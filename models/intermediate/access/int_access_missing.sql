-- Computed only for people who hold less than they must.
{% set person = [
    'is_in_hr', 'was_in_hr', 'is_hr_row_quarantined', 'is_registered_non_human',
    'is_listed_non_human', 'employment_state', 'hire_date', 'days_since_end', 'unresolved_reason'
] %}
with

held as (

    select * from {{ ref('int_access_held') }}

),

people as (

    select * from {{ ref('int_access_people') }}

),

requirements as (

    -- An optional or prohibited application that is not held is not a finding.
    select * from {{ ref('int_access_requirements') }}
    where requirement = 'mandatory'

),

applications as (

    select * from {{ ref('int_access_applications') }}

),

access_presumed as (

    select * from {{ ref('int_access_presumed') }}
    where as_of_date = {{ as_of_date() }}

),

mandatory_held as (

    select
        brid_key,
        count(*) filter (where is_mandatory) as n_held
    from held
    group by 1

),

people_short_of_access as (

    select people.*
    from people
    left join mandatory_held on people.brid_key = mandatory_held.brid_key
    where people.n_mandatory > coalesce(mandatory_held.n_held, 0)

),

held_by_them as (

    select
        held.brid_key,
        held.application_key
    from held
    inner join people_short_of_access on held.brid_key = people_short_of_access.brid_key

),

missing as (

    select
        people_short_of_access.brid,
        requirements.application_id,
        {% for column in person %}
            people_short_of_access.{{ column }},
        {% endfor %}
        coalesce(applications.is_known, false) as is_application_known,
        coalesce(applications.is_modelled, false) as is_application_modelled,
        requirements.requirement,
        requirements.persona_ids,
        false as is_granted,
        false as is_presumed,
        false as is_row_named,
        0 as n_grant_rows,
        false as has_several_accounts,
        false as is_privileged,
        cast(null as date) as granted_date,
        cast(null as date) as last_used_date,
        people_short_of_access.is_source_late
    from people_short_of_access
    inner join requirements
        on people_short_of_access.persona_set_key = requirements.persona_set_key
    left join held_by_them
        on
            people_short_of_access.brid_key = held_by_them.brid_key
            and requirements.application_key = held_by_them.application_key
    left join applications on requirements.application_id = applications.application_id
    left join access_presumed
        on
            people_short_of_access.brid = access_presumed.brid
            and requirements.application_id = access_presumed.application_id
    where held_by_them.brid_key is null and access_presumed.brid is null

)

select * from missing
