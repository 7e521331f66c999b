with

sod_rules as (

    select * from {{ ref('int_sod_rules') }}

),

sod_rule_sides as (

    select * from {{ ref('int_sod_rule_sides') }}

),

access_held as (

    -- An unreadable row does not prove that access is removed: presumed access counts.
    select
        brid,
        application_id,
        reconciliation_status = 'match' as is_expected
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted

),

personas_held as (

    select
        brid,
        persona_id
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

held as (

    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        access_held.brid,
        access_held.application_id as held_id,
        access_held.is_expected
    from sod_rule_sides
    inner join access_held on sod_rule_sides.held_id = access_held.application_id
    where sod_rule_sides.held_kind = 'application'

    union

    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        personas_held.brid,
        personas_held.persona_id as held_id,
        true as is_expected
    from sod_rule_sides
    inner join personas_held on sod_rule_sides.held_id = personas_held.persona_id
    where sod_rule_sides.held_kind = 'persona'

),

both_sides_held as (

    -- Nearly everybody holds one side of some rule: names are collected only for violations.
    select
        sod_rule_id,
        brid
    from held
    group by 1, 2
    having min(side) <> max(side)

),

sides_held as (

    select
        held.sod_rule_id,
        held.side,
        held.brid,
        {{ dbt.listagg("held.held_id", "' | '", "order by held.held_id") }} as held_ids,
        bool_and(held.is_expected) as is_expected
    from held
    inner join both_sides_held
        on held.sod_rule_id = both_sides_held.sod_rule_id and held.brid = both_sides_held.brid
    group by 1, 2, 3

),

violations as (

    select
        side_a.sod_rule_id,
        sod_rules.sod_rule_name,
        sod_rules.severity,
        sod_rules.owner_brid,
        side_a.brid,
        side_a.held_ids as held_of_a,
        side_b.held_ids as held_of_b,
        side_a.is_expected and side_b.is_expected as is_by_design
    from sides_held as side_a
    inner join sides_held as side_b
        on
            side_a.sod_rule_id = side_b.sod_rule_id
            and side_a.brid = side_b.brid
            and side_b.side = 'b'
    inner join sod_rules on side_a.sod_rule_id = sod_rules.sod_rule_id
    where side_a.side = 'a'

)

select * from violations
