with

requirements as (

    select * from {{ ref('stg_personas__requirements') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

list_amendments as (

    select
        persona_id,
        application_spelling,
        requirement
    from {{ ref('stg_decisions__persona_list_amendments') }}
    where is_in_force

),

applications_resolved as (

    select
        requirements.persona_id,
        coalesce(aliases.application_id, requirements.application_spelling) as application_id,
        requirements.requirement,
        requirements.application_name
    from requirements
    left join aliases on requirements.application_spelling = aliases.application_spelling

),

merged as (

    -- Within a persona, too, prohibited beats mandatory, and mandatory beats optional.
    select
        persona_id,
        application_id,
        {{ merge_requirements('requirement') }} as requirement,
        min(application_name) as application_name,
        count(*) as n_list_rows
    from applications_resolved
    group by 1, 2

),

amendments as (

    select
        list_amendments.persona_id,
        coalesce(aliases.application_id, list_amendments.application_spelling)
            as application_id,
        coalesce({{ merge_requirements('list_amendments.requirement') }}, 'none')
            as amended_requirement
    from list_amendments
    left join aliases on list_amendments.application_spelling = aliases.application_spelling
    group by 1, 2

),

amended as (

    -- An approved amendment counts until the list itself has the same requirement.
    select
        persona_id,
        application_id,
        coalesce(amendments.amended_requirement, merged.requirement) as requirement,
        merged.application_name,
        coalesce(merged.n_list_rows, 0) as n_list_rows
    from merged
    full join amendments using (persona_id, application_id)

),

applications_in_use as (

    -- Nobody is expected to hold a retired application, even if the persona list still has it.
    select amended.*
    from amended
    left join retired_applications
        on amended.application_id = retired_applications.application_id
    where retired_applications.application_id is null and amended.requirement <> 'none'

)

select * from applications_in_use
