with

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        -- Every week has its own membership file, whose name does not change who holds which
        -- persona.
        case when assignment_method <> 'persona_list' then source_id end as source_id
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

)

select * from assignments
