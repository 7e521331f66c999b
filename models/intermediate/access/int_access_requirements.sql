with

set_requirements as (

    select * from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

application_keys as (

    select
        application_id,
        application_key
    from {{ ref('int_application_keys') }}
    group by 1, 2

),

numbered as (

    select
        row_number() over (
            order by set_requirements.persona_set_id, set_requirements.application_id
        ) as requirement_key,
        dense_rank() over (order by set_requirements.persona_set_id) as persona_set_key,
        set_requirements.persona_set_id,
        set_requirements.application_id,
        application_keys.application_key,
        set_requirements.requirement,
        set_requirements.persona_ids
    from set_requirements
    left join application_keys on set_requirements.application_id = application_keys.application_id

)

select * from numbered
