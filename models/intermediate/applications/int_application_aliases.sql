with

application_aliases as (

    select
        application_spelling,
        application_id
    from {{ ref('stg_decisions__application_aliases') }}
    where is_in_force

),

aliases as (

    -- A spelling with two applications fails a test; here it must still give one row.
    select
        application_spelling,
        min(application_id) as application_id
    from application_aliases
    group by 1

)

select * from aliases
