with

requirements as (

    select * from {{ ref('stg_personas__requirements') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

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

    -- Within a persona, too, prohibited beats mandatory beats optional.
    select
        persona_id,
        application_id,
        {{ merge_requirements('requirement') }} as requirement,
        min(application_name) as application_name,
        count(*) as n_list_rows
    from applications_resolved
    group by 1, 2

)

select * from merged
