{% set attributes = [
    'management_level', 'cost_center', 'department', 'job_title', 'worker_type', 'manager'
] %}
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
        {% for attribute in attributes %}
            coalesce({{ attribute }}_key, '') as {{ attribute }}_key,
        {% endfor %}
        coalesce(cost_center_prefix_key, '') as cost_center_prefix_key
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

{{ unmet_conditions(
    'profiles', ref('stg_decisions__pretrained_conditions'), ['mapping_id']
) }},

kinds as (

    select
        looks_at,
        {% for attribute in attributes + ['cost_center_prefix'] %}
            {%- set column = 'manager_brid' if attribute == 'manager' else attribute %}
            '+' || looks_at || '+' like '%+{{ column }}+%' as has_{{ attribute }},
        {%- endfor %}
        max(length(cost_center_prefix_key)) as prefix_length
    from mappings
    group by 1

),

profile_keys as (

    -- Each profile reduced to each kind of key; an empty value never matches.
    select
        profiles.*,
        kinds.looks_at,
        {% for attribute in attributes %}
            case when kinds.has_{{ attribute }} then profiles.{{ attribute }}_key else '' end
                as key_{{ attribute }},
        {% endfor %}
        case
            when kinds.has_cost_center_prefix
                then left(profiles.cost_center_key, cast(kinds.prefix_length as integer))
            else ''
        end as key_cost_center_prefix
    from profiles
    cross join kinds
    where
        (length(profiles.cost_center_key) > kinds.prefix_length or not kinds.has_cost_center_prefix)
        {% for attribute in attributes %}
            and (profiles.{{ attribute }}_key <> '' or not kinds.has_{{ attribute }})
        {% endfor %}

),

ranked as (

    -- A coarser key never overrules a finer key, even if the finer one is less certain.
    select
        profile_keys.*,
        mappings.mapping_id,
        rank() over (
            partition by
                {% for attribute in attributes %}
                    profile_keys.{{ attribute }}_key,
                {% endfor %}
                profile_keys.attributes_key
            order by mappings.key_rank
        ) as mapping_rank
    from profile_keys
    inner join mappings
        on
            profile_keys.looks_at = mappings.looks_at
            {% for attribute in attributes %}
                and profile_keys.key_{{ attribute }} = mappings.{{ attribute }}_key
            {% endfor %}
            and profile_keys.key_cost_center_prefix = mappings.cost_center_prefix_key
    left join unmet_conditions
        on
            mappings.mapping_id = unmet_conditions.mapping_id
            and profile_keys.attributes_key = unmet_conditions.attributes_key
    where unmet_conditions.mapping_id is null

),

matches as (

    select
        {% for attribute in attributes %}
            {{ attribute }}_key,
        {% endfor %}
        attributes_key,
        mapping_id
    from ranked
    where mapping_rank = 1

)

select * from matches
