-- Millions of pairs are held, so they are looked up by numbers in the few requirements of each set.
with

actual_access as (

    select * from {{ ref('int_actual_access') }}

),

people as (

    select * from {{ ref('int_access_people') }}

),

requirements as (

    select * from {{ ref('int_access_requirements') }}

),

held as (

    -- Left joins although every key exists: otherwise an engine could join held access with the
    -- requirements of all people before it filters by person.
    select
        actual_access.brid_key,
        actual_access.application_key,
        requirements.requirement_key,
        coalesce(requirements.requirement = 'mandatory', false) as is_mandatory,
        actual_access.n_grant_rows,
        actual_access.has_several_accounts,
        coalesce(actual_access.is_privileged, false) as is_privileged,
        actual_access.granted_date,
        actual_access.last_used_date,
        coalesce(actual_access.is_source_late, false) as is_source_late
    from actual_access
    left join people on actual_access.brid_key = people.brid_key
    left join requirements
        on
            people.persona_set_key = requirements.persona_set_key
            and actual_access.application_key = requirements.application_key

)

select * from held
