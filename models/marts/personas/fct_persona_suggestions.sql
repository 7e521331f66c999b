with

unresolved_employees as (

    select
        brid,
        unresolved_reason
    from {{ ref('int_unresolved_employees') }}

),

employees as (

    select
        brid,
        management_level,
        cost_center
    from {{ ref('int_employees') }}

),

candidates as (

    select
        brid,
        persona_id,
        source_id,
        support,
        confidence
    from {{ ref('int_persona_candidates') }}
    where
        assignment_method = 'pretrained'
        and {{ is_suggestion() }}

),

suggested as (

    select
        {{ as_of_date() }} as as_of_date,
        unresolved_employees.brid,
        cast(
            row_number() over (
                partition by unresolved_employees.brid
                order by candidates.confidence desc, candidates.persona_id
            ) as {{ dbt.type_int() }}
        ) as suggestion_rank,
        candidates.persona_id,
        candidates.confidence,
        candidates.support,
        candidates.source_id as mapping_id,
        unresolved_employees.unresolved_reason,
        employees.management_level,
        employees.cost_center
    from unresolved_employees
    inner join candidates on unresolved_employees.brid = candidates.brid
    inner join employees on unresolved_employees.brid = employees.brid

)

select * from suggested
