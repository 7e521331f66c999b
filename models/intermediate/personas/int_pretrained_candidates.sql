with

matches as (

    select * from {{ ref('int_pretrained_matches') }}

),

mappings as (

    select
        mapping_id,
        persona_id,
        confidence,
        assured_precision,
        support,
        hits,
        runner_up_persona_id,
        runner_up_confidence,
        third_persona_id,
        third_confidence
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

personas as (

    select persona_id from {{ ref('int_personas') }}

),

suggestions as (

    select
        mapping_id,
        1 as suggestion_rank,
        persona_id,
        confidence,
        assured_precision,
        support,
        hits
    from mappings

    {% for rank, name in [(2, 'runner_up'), (3, 'third')] %}
        union all

        select
            mapping_id,
            {{ rank }} as suggestion_rank,
            {{ name }}_persona_id as persona_id,
            {{ name }}_confidence as confidence,
            cast(null as numeric(5, 4)) as assured_precision,
            support,
            cast(null as integer) as hits
        from mappings
        where {{ name }}_persona_id is not null
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
        suggestions.support,
        suggestions.hits,
        -- What a rule excludes by review, a learned mapping must not bring back. A persona that
        -- left the list asks for nothing, and is nobody's.
        case
            when coalesce(excluded_here.persona_id, excluded_all.persona_id) is not null
                then 'excluded'
            when personas.persona_id is null then 'excluded'
            when
                suggestions.suggestion_rank = 1
                and suggestions.assured_precision >= {{ var('pretrained_min_precision') }}
                then 'best'
            else 'below_threshold'
        end as candidate_outcome
    from matches
    inner join suggestions on matches.mapping_id = suggestions.mapping_id
    left join personas on suggestions.persona_id = personas.persona_id
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
