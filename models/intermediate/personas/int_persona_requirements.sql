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

applications_resolved as (

    select
        requirements.persona_id,
        coalesce(aliases.application_id, requirements.application_spelling) as application_id,
        requirements.requirement,
        requirements.application_name
    from requirements
    left join aliases on requirements.application_spelling = aliases.application_spelling

),

applications_in_use as (

    -- Of a retired application nothing is expected, whatever the persona list still says.
    select applications_resolved.*
    from applications_resolved
    left join retired_applications
        on applications_resolved.application_id = retired_applications.application_id
    where retired_applications.application_id is null

),

merged as (

    -- Within a persona, too, prohibited beats mandatory beats optional.
    select
        persona_id,
        application_id,
        {{ merge_requirements('requirement') }} as requirement,
        min(application_name) as application_name,
        count(*) as n_list_rows
    from applications_in_use
    group by 1, 2

)

select * from merged
