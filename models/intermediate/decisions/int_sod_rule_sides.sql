-- The sides of the rules in force, by the cleaned ids of grants and personas.
with

sod_rules as (

    select sod_rule_id from {{ ref('int_sod_rules') }}

),

sides as (

    select * from {{ ref('stg_decisions__sod_rule_sides') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

resolved as (

    select
        sides.sod_rule_id,
        sides.side,
        sides.held_kind,
        coalesce(aliases.application_id, sides.held_id) as held_id
    from sides
    inner join sod_rules on sides.sod_rule_id = sod_rules.sod_rule_id
    left join aliases
        on sides.held_id = aliases.application_spelling and sides.held_kind = 'application'
    group by 1, 2, 3, 4

)

select * from resolved
