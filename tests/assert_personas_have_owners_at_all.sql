{{ config(severity='warn') }}

with

mapping_rules as (

    select count(*) as n_rules from {{ ref('stg_decisions__mapping_rules') }}
    where is_in_force and effect = 'assign'

),

persona_owners as (

    select count(*) as n_owners from {{ ref('int_persona_owners') }}

),

unowned as (

    select
        'persona_owners' as seed_name,
        mapping_rules.n_rules,
        'Rules give personas that nobody owns: name an owner of each persona.' as reason
    from mapping_rules
    cross join persona_owners
    where mapping_rules.n_rules > 0 and persona_owners.n_owners = 0

)

select * from unowned
