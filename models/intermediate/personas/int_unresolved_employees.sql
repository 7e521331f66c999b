with

employees as (

    select
        brid,
        {{ lower_case('management_level') }} as management_level_key,
        {{ lower_case('cost_center') }} as cost_center_key
    from {{ ref('int_employees') }}
    where is_employed

),

rule_matches as (

    select
        management_level_key,
        cost_center_key,
        management_level_specificity,
        cost_center_specificity
    from {{ ref('int_rule_matches') }}

),

pretrained_mappings as (

    select
        management_level_key,
        cost_center_key
    from {{ ref('stg_decisions__pretrained_mappings') }}
    -- Other rows are for complete profiles that no person with a known persona has.
    where support > 0

),

candidate_outcomes as (

    select
        brid,
        bool_or(candidate_outcome = 'won') as is_resolved,
        bool_or(candidate_outcome = 'ambiguous') as is_ambiguous,
        bool_or({{ is_suggestion() }}) as has_suggestion
    from {{ ref('int_persona_candidates') }}
    group by 1

),

employees_classified as (

    select
        employees.brid,
        employees.management_level_key,
        employees.cost_center_key,
        coalesce(candidate_outcomes.is_resolved, false) as is_resolved,
        coalesce(candidate_outcomes.is_ambiguous, false) as is_ambiguous,
        coalesce(candidate_outcomes.has_suggestion, false) as has_suggestion
    from employees
    left join candidate_outcomes on employees.brid = candidate_outcomes.brid

),

-- A value is seen when a rule or a pre-trained mapping names it, or somebody with a persona
-- has it.
{% for attribute in ['management_level', 'cost_center'] %}
    seen_{{ attribute }}s as (

        select {{ attribute }}_key from rule_matches
        where {{ attribute }}_specificity > 0
        group by 1

        union

        select {{ attribute }}_key from employees_classified
        where is_resolved
        group by 1

        union

        select {{ attribute }}_key from pretrained_mappings
        where {{ attribute }}_key is not null
        group by 1

    ),
{% endfor %}

unresolved as (

    select
        employees_classified.brid,
        case
            when employees_classified.is_ambiguous then 'ambiguous_rules'
            when
                employees_classified.management_level_key is null
                or employees_classified.cost_center_key is null
                then 'hr_attribute_missing'
            when seen_management_levels.management_level_key is null
                then 'unseen_management_level'
            when seen_cost_centers.cost_center_key is null then 'unseen_cost_center'
            when employees_classified.has_suggestion then 'low_confidence'
            else 'no_mapping'
        end as unresolved_reason
    from employees_classified
    left join seen_management_levels
        on employees_classified.management_level_key = seen_management_levels.management_level_key
    left join seen_cost_centers
        on employees_classified.cost_center_key = seen_cost_centers.cost_center_key
    where not employees_classified.is_resolved

)

select * from unresolved
