with

matches as (

    select * from {{ ref('int_pretrained_matches') }}

),

mappings as (

    select
        *,
        '+' || looks_at || '+' like '%+cost_center+%' as has_cost_center
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

exclusions as (

    select
        coalesce(management_level_key, '') as management_level_key,
        coalesce(cost_center_key, '') as cost_center_key,
        coalesce(attributes_key, '') as attributes_key,
        persona_id
    from {{ ref('int_rule_matches') }}
    where effect = 'exclude'
    group by 1, 2, 3, 4

),

reorganised as (

    select cost_center_key from {{ ref('int_reorganised_cost_centers') }}

),

personas as (

    select persona_id from {{ ref('int_personas') }}

),

suggestions as (

    {% for rank, name in [(1, ''), (2, 'runner_up_'), (3, 'third_')] %}
        {% set if_first = 'case when ' ~ rank ~ ' = 1 then' %}
        {{ 'union all' if not loop.first }}

        select
            mapping_id,
            has_cost_center,
            {{ rank }} as suggestion_rank,
            {{ name ~ 'persona_id as ' if name }}persona_id,
            {{ name ~ 'confidence as ' if name }}confidence,
            {{ if_first }} assured_precision end as assured_precision,
            {{ if_first }} newcomer_precision end as newcomer_precision,
            support,
            {{ if_first }} hits end as hits
        from mappings
        where {{ name }}persona_id is not null
    {% endfor %}
),

candidates as (

    select
        matches.management_level_key,
        matches.cost_center_key,
        matches.department_key,
        matches.job_title_key,
        matches.worker_type_key,
        matches.manager_key,
        matches.attributes_key,
        matches.mapping_id,
        suggestions.suggestion_rank,
        suggestions.persona_id,
        suggestions.confidence,
        suggestions.assured_precision,
        suggestions.newcomer_precision,
        suggestions.support,
        suggestions.hits,
        -- A learned mapping must not give a persona that a reviewed rule excludes. A persona that
        -- left the list requires nothing, and nobody holds it.
        case
            when coalesce(excluded_here.persona_id, excluded_all.persona_id) is not null
                then 'excluded'
            when personas.persona_id is null then 'excluded'
            when
                suggestions.suggestion_rank > 1
                or coalesce(suggestions.assured_precision, 0)
                < {{ var('pretrained_min_precision') }}
                then 'below_threshold'
            -- The former people of a code say nothing about its current ones.
            when reorganised.cost_center_key is not null then 'cost_center_reorganised'
            else 'best'
        end as candidate_outcome
    from matches
    inner join suggestions on matches.mapping_id = suggestions.mapping_id
    left join personas on suggestions.persona_id = personas.persona_id
    left join reorganised
        on
            matches.cost_center_key = reorganised.cost_center_key
            and suggestions.has_cost_center
    left join exclusions as excluded_here
        on
            matches.management_level_key = excluded_here.management_level_key
            and matches.cost_center_key = excluded_here.cost_center_key
            and coalesce(matches.attributes_key, '') = excluded_here.attributes_key
            and suggestions.persona_id = excluded_here.persona_id
    left join exclusions as excluded_all
        on
            matches.management_level_key = excluded_all.management_level_key
            and matches.cost_center_key = excluded_all.cost_center_key
            and coalesce(matches.attributes_key, '') = excluded_all.attributes_key
            and excluded_all.persona_id = '*'

)

select * from candidates
