-- A rule with only one side separates nothing, and a rule with the same item on both sides finds
-- everybody.
with

sod_rules as (

    select sod_rule_id from {{ ref('stg_decisions__sod_rules') }}
    where is_in_force

),

sides as (

    select
        sod_rule_id,
        side,
        held_id,
        is_ambiguous
    from {{ ref('stg_decisions__sod_rule_sides') }}

),

rules_without_a_side as (

    select
        sod_rules.sod_rule_id,
        'sod_rule_sides.csv has no row of side a, or none of side b.' as reason
    from sod_rules
    left join sides on sod_rules.sod_rule_id = sides.sod_rule_id
    group by 1
    having count(distinct case when sides.side in ('a', 'b') then sides.side end) < 2

),

rows_without_meaning as (

    select
        sides.sod_rule_id,
        case
            when sod_rules.sod_rule_id is null then 'sod_rules.csv has no such rule in force.'
            when sides.side is null or sides.side not in ('a', 'b') then 'side is not a or b.'
            when sides.held_id is null or sides.is_ambiguous
                then 'Name either an application or a persona.'
        end as reason
    from sides
    left join sod_rules on sides.sod_rule_id = sod_rules.sod_rule_id

),

on_both_sides as (

    select
        sod_rule_id,
        held_id || ' is on both sides, so every holder of it violates the rule.' as reason
    from sides
    group by 1, 2
    having count(distinct side) > 1

),

faults as (

    select * from rules_without_a_side

    union all

    select * from rows_without_meaning
    where reason is not null

    union all

    select * from on_both_sides

)

select * from faults
