with

mappings as (

    select * from {{ ref('dim_pretrained_mappings') }}

),

assignments as (

    select
        as_of_date,
        brid,
        source_id
    from {{ ref('fct_persona_assignments') }}
    where as_of_date = {{ as_of_date() }} and assignment_method = 'pretrained'

),

counted as (

    select
        as_of_date,
        source_id,
        count(distinct brid) as n_people
    from assignments
    group by 1, 2

),

deciding as (

    select
        counted.as_of_date,
        mappings.mapping_id,
        mappings.persona_id,
        counted.n_people,
        mappings.confidence,
        mappings.assured_precision,
        mappings.support,
        mappings.hits,
        mappings.looks_at,
        mappings.management_level,
        mappings.cost_center,
        mappings.cost_center_prefix,
        mappings.department,
        mappings.job_title,
        mappings.worker_type,
        mappings.manager_brid,
        mappings.runner_up_persona_id,
        mappings.assurance_group,
        mappings.training_id,
        mappings.learned_until_date
    from counted
    inner join mappings on counted.source_id = mappings.mapping_id

)

select * from deciding
