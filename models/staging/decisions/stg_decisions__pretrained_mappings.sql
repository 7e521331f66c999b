with

source as (

    select * from {{ ref('pretrained_mappings') }}

),

renamed as (

    select
        {{ clean_text('mapping_id') }} as mapping_id,
        key_rank,
        {{ clean_text('looks_at') }} as looks_at,
        {{ lower_case(clean_text('management_level')) }} as management_level_key,
        {{ lower_case(clean_text('cost_center')) }} as cost_center_key,
        {{ lower_case(clean_text('cost_center_prefix')) }} as cost_center_prefix_key,
        {{ compared_text(clean_text('department')) }} as department_key,
        {{ compared_text(clean_text('job_title')) }} as job_title_key,
        {{ lower_case(clean_text('worker_type')) }} as worker_type_key,
        {{ clean_text('manager_brid') }} as manager_key,
        {{ clean_text('persona_id') }} as persona_id,
        confidence,
        assured_precision,
        support,
        hits,
        {{ clean_text('runner_up_persona_id') }} as runner_up_persona_id,
        runner_up_confidence,
        {{ clean_text('third_persona_id') }} as third_persona_id,
        third_confidence,
        {{ clean_text('assurance_group') }} as assurance_group,
        cast(coalesce(newcomer_precision, 0) as numeric(5, 4)) as newcomer_precision
    from source

)

select * from renamed
