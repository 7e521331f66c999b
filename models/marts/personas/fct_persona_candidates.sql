with

candidates as (

    select * from {{ ref('int_persona_candidates') }}

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        persona_id,
        assignment_method,
        source_id,
        support,
        confidence,
        candidate_outcome
    from candidates

)

select * from dated
