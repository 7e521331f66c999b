{{ config(severity='warn') }}

with

mappings as (

    select
        persona_id,
        count(*) as n_mappings
    from {{ ref('stg_decisions__pretrained_mappings') }}
    group by 1

),

personas as (

    select persona_id from {{ ref('int_personas') }}

),

exclusions as (

    select persona_id from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force and effect = 'exclude' and management_level = '*' and cost_center = '*'
    group by 1

),

checked as (

    select
        'pretrained_mappings' as seed_name,
        'persona_id' as column_name,
        mappings.persona_id as value_found,
        mappings.n_mappings,
        case
            when personas.persona_id is null
                then 'The persona list does not have it, so nobody gets it: train again.'
            when exclusions.persona_id is not null
                then 'A rule excludes it everywhere, so nobody gets it: train again.'
        end as reason
    from mappings
    left join personas on mappings.persona_id = personas.persona_id
    left join exclusions on mappings.persona_id = exclusions.persona_id

),

idle as (

    select * from checked
    where reason is not null

)

select * from idle
