with

mappings as (

    select
        {{ as_of_date() }} as as_of_date,
        mapping_id,
        persona_id,
        looks_at,
        management_level_key as management_level,
        cost_center_key as cost_center,
        cost_center_prefix_key as cost_center_prefix,
        department_key as department,
        job_title_key as job_title,
        worker_type_key as worker_type,
        support,
        hits,
        confidence,
        assured_precision,
        runner_up_persona_id,
        training_id,
        learned_until_date
    from {{ ref('int_pretrained_mappings') }}

)

select * from mappings
