with

rule_conditions as (

    select
        rule_id,
        rule_version,
        count(*) as n_conditions
    from {{ ref('stg_decisions__rule_conditions') }}
    group by 1, 2

),

mapping_rules as (

    select
        rule_id,
        rule_version,
        effect,
        persona_id,
        priority,
        is_null_matched,
        {{ lower_case('management_level') }} as management_level_key,
        case
            when cost_center = '*' then '*'
            when cost_center like '%*'
                then left({{ lower_case('cost_center') }}, length(cost_center) - 1)
            else {{ lower_case('cost_center') }}
        end as cost_center_key,
        case
            when cost_center = '*' then 'any'
            when cost_center like '%*' then 'prefix'
            else 'exact'
        end as cost_center_match,
        case
            when cost_center = '*' then 0
            when cost_center like '%*' then 1
            else 2
        end as cost_center_specificity,
        case when management_level = '*' then 0 else 1 end as management_level_specificity,
        case when cost_center like '%*' then length(cost_center) - 1 else 0 end as prefix_length
    from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force

),

parsed as (

    select
        mapping_rules.*,
        coalesce(rule_conditions.n_conditions, 0) as n_conditions
    from mapping_rules
    left join rule_conditions
        on
            mapping_rules.rule_id = rule_conditions.rule_id
            and mapping_rules.rule_version = rule_conditions.rule_version

)

select * from parsed
