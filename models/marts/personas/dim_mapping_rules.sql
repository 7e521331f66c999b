with

mapping_rules as (

    select * from {{ ref('int_mapping_rules') }}

),

dated as (

    select
        rule_id,
        rule_version,
        {{ as_of_date() }} as as_of_date,
        effect,
        management_level,
        cost_center,
        conditions,
        persona_id,
        priority,
        is_null_matched,
        valid_from,
        valid_to,
        is_in_force,
        owner,
        author,
        approved_by,
        approved_on,
        rationale,
        n_cells_matched,
        n_cells_decided,
        n_employees_decided,
        is_redundant,
        is_ambiguous,
        is_unreachable
    from mapping_rules

)

select * from dated
