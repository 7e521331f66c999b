with

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        unresolved_reason
    from {{ ref('int_persona_assignments') }}

),

persona_requirements as (

    select persona_id from {{ ref('int_persona_requirements') }}
    group by 1

),

sets as (

    -- People with the same personas expect the same access, so it is computed once for each set.
    select
        assignments.brid,
        coalesce({{ dbt.listagg(
            measure="assignments.persona_id",
            delimiter_text="' | '",
            order_by_clause="order by assignments.persona_id",
        ) }}, '') as persona_set_id,
        min(assignments.unresolved_reason) as unresolved_reason,
        bool_or(
            assignments.assignment_method <> 'baseline'
            and persona_requirements.persona_id is not null
        ) as has_modelled_persona
    from assignments
    left join persona_requirements on assignments.persona_id = persona_requirements.persona_id
    group by 1

),

classified as (

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        persona_set_id,
        case
            when unresolved_reason is not null then unresolved_reason
            when not has_modelled_persona then 'persona_without_applications'
        end as unresolved_reason
    from sets

)

select * from classified
