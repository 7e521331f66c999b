with

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

candidates as (

    select * from {{ ref('int_persona_candidates') }}

),

unresolved_employees as (

    select
        brid,
        unresolved_reason
    from {{ ref('int_unresolved_employees') }}

),

baseline_personas as (

    select persona_id from {{ ref('int_personas') }}
    where is_baseline

),

losing_candidates as (

    select
        brid,
        {{ dbt.listagg(
            measure="assignment_method || ' ' || source_id || ': ' || persona_id || ' (' || candidate_outcome || ')'",
            delimiter_text="'; '",
            order_by_clause="order by method_rank, source_id, persona_id",
        ) }} as losing_candidates
    from candidates
    where candidate_outcome <> 'won'
    group by 1

),

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        source_id,
        support,
        confidence,
        cast(null as {{ dbt.type_string() }}) as unresolved_reason
    from candidates
    where candidate_outcome = 'won'

    union all

    select
        employees.brid,
        baseline_personas.persona_id,
        'baseline' as assignment_method,
        cast(null as {{ dbt.type_string() }}) as source_id,
        cast(null as integer) as support,
        cast(null as numeric(5, 4)) as confidence,
        cast(null as {{ dbt.type_string() }}) as unresolved_reason
    from employees
    cross join baseline_personas
    left join candidates
        on
            employees.brid = candidates.brid
            and baseline_personas.persona_id = candidates.persona_id
            and candidates.candidate_outcome = 'won'
    where candidates.brid is null

    union all

    select
        brid,
        cast(null as {{ dbt.type_string() }}) as persona_id,
        'none' as assignment_method,
        cast(null as {{ dbt.type_string() }}) as source_id,
        cast(null as integer) as support,
        cast(null as numeric(5, 4)) as confidence,
        unresolved_reason
    from unresolved_employees

),

explained as (

    select
        {{ as_of_date() }} as as_of_date,
        assignments.brid,
        assignments.persona_id,
        assignments.assignment_method,
        assignments.source_id,
        assignments.support,
        assignments.confidence,
        assignments.unresolved_reason,
        losing_candidates.losing_candidates
    from assignments
    left join losing_candidates on assignments.brid = losing_candidates.brid

)

select * from explained
