with

disagreements as (

    select
        as_of_date,
        brid,
        losing_method,
        losing_source_id,
        losing_persona_id,
        winning_method
    from {{ ref('fct_method_disagreements') }}

),

counted as (

    select
        as_of_date,
        losing_method,
        losing_source_id,
        losing_persona_id,
        winning_method,
        count(distinct brid) as n_people
    from disagreements
    group by 1, 2, 3, 4, 5

)

select * from counted
