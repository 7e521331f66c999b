with

profiles as (

    select
        management_level_key,
        cost_center_key,
        department_key,
        job_title_key,
        worker_type_key,
        coalesce(manager_key, '') as manager_key,
        coalesce(attributes_key, '') as attributes_key
    from {{ ref('int_employee_profiles') }}

),

mappings as (

    select
        mapping_id,
        key_rank,
        looks_at,
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(cost_center_prefix_key, '') as cost_center_prefix_key,
        coalesce(department_key, '') as department_key,
        coalesce(job_title_key, '') as job_title_key,
        coalesce(worker_type_key, '') as worker_type_key,
        coalesce(manager_key, '') as manager_key
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

conditions as (

    select
        mapping_id,
        condition_text
    from {{ ref('stg_decisions__pretrained_conditions') }}

),

held_attributes as (

    select attributes_key from profiles
    group by 1

),

unmet_conditions as (

    select
        held.attributes_key,
        conditions.mapping_id
    from held_attributes as held
    cross join conditions
    where {{ dbt.position('conditions.condition_text', 'held.attributes_key') }} = 0
    group by 1, 2

),

kinds as (

    select
        looks_at,
        '+' || looks_at || '+' like '%+management_level+%' as has_management_level,
        '+' || looks_at || '+' like '%+cost_center+%' as has_cost_center,
        '+' || looks_at || '+' like '%+cost_center_prefix+%' as has_cost_center_prefix,
        '+' || looks_at || '+' like '%+department+%' as has_department,
        '+' || looks_at || '+' like '%+job_title+%' as has_job_title,
        '+' || looks_at || '+' like '%+worker_type+%' as has_worker_type,
        '+' || looks_at || '+' like '%+manager_brid+%' as has_manager,
        max(length(cost_center_prefix_key)) as prefix_length
    from mappings
    group by 1

),

profile_keys as (

    -- Each profile as each kind of key would see it; an empty value never matches.
    select
        profiles.management_level_key,
        profiles.cost_center_key,
        profiles.department_key,
        profiles.job_title_key,
        profiles.worker_type_key,
        profiles.manager_key,
        profiles.attributes_key,
        kinds.looks_at,
        case when kinds.has_management_level then profiles.management_level_key else '' end
            as key_management_level,
        case when kinds.has_cost_center then profiles.cost_center_key else '' end
            as key_cost_center,
        case
            when kinds.has_cost_center_prefix
                then left(profiles.cost_center_key, cast(kinds.prefix_length as integer))
            else ''
        end as key_cost_center_prefix,
        case when kinds.has_department then profiles.department_key else '' end as key_department,
        case when kinds.has_job_title then profiles.job_title_key else '' end as key_job_title,
        case when kinds.has_worker_type then profiles.worker_type_key else '' end
            as key_worker_type,
        case when kinds.has_manager then profiles.manager_key else '' end as key_manager
    from profiles
    cross join kinds
    where
        (profiles.management_level_key <> '' or not kinds.has_management_level)
        and (profiles.cost_center_key <> '' or not kinds.has_cost_center)
        and (
            length(profiles.cost_center_key) > kinds.prefix_length
            or not kinds.has_cost_center_prefix
        )
        and (profiles.department_key <> '' or not kinds.has_department)
        and (profiles.job_title_key <> '' or not kinds.has_job_title)
        and (profiles.worker_type_key <> '' or not kinds.has_worker_type)
        and (profiles.manager_key <> '' or not kinds.has_manager)

),

ranked as (

    -- A coarser key is for people without a finer one; it must not overrule a finer one that
    -- is less certain.
    select
        profile_keys.management_level_key,
        profile_keys.cost_center_key,
        profile_keys.department_key,
        profile_keys.job_title_key,
        profile_keys.worker_type_key,
        profile_keys.manager_key,
        profile_keys.attributes_key,
        mappings.mapping_id,
        rank() over (
            partition by
                profile_keys.management_level_key,
                profile_keys.cost_center_key,
                profile_keys.department_key,
                profile_keys.job_title_key,
                profile_keys.worker_type_key,
                profile_keys.manager_key,
                profile_keys.attributes_key
            order by mappings.key_rank
        ) as mapping_rank
    from profile_keys
    inner join mappings
        on
            profile_keys.looks_at = mappings.looks_at
            and profile_keys.key_management_level = mappings.management_level_key
            and profile_keys.key_cost_center = mappings.cost_center_key
            and profile_keys.key_cost_center_prefix = mappings.cost_center_prefix_key
            and profile_keys.key_department = mappings.department_key
            and profile_keys.key_job_title = mappings.job_title_key
            and profile_keys.key_worker_type = mappings.worker_type_key
            and profile_keys.key_manager = mappings.manager_key
    left join unmet_conditions
        on
            mappings.mapping_id = unmet_conditions.mapping_id
            and profile_keys.attributes_key = unmet_conditions.attributes_key
    where unmet_conditions.mapping_id is null

),

matches as (

    select
        management_level_key,
        cost_center_key,
        department_key,
        job_title_key,
        worker_type_key,
        manager_key,
        attributes_key,
        mapping_id
    from ranked
    where mapping_rank = 1

)

select * from matches
