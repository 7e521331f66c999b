with

mappings as (

    select
        mapping_id,
        looks_at,
        management_level_key,
        cost_center_key,
        cost_center_prefix_key,
        department_key,
        job_title_key,
        worker_type_key,
        manager_key,
        persona_id,
        confidence,
        assured_precision,
        support,
        hits,
        runner_up_persona_id,
        assurance_group,
        newcomer_precision
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

trainings as (

    select
        training_id,
        data_date
    from {{ ref('stg_decisions__pretrained_trainings') }}

),

dated as (

    select
        mappings.*,
        trainings.training_id,
        trainings.data_date as learned_until_date
    from mappings
    -- A decisions folder holds a single training.
    left join trainings on trainings.training_id is not null

)

select * from dated
