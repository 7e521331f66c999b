with

sod_rules as (

    select * from {{ ref('int_sod_rules') }}

),

sod_rule_sides as (

    select * from {{ ref('int_sod_rule_sides') }}

),

personas as (

    select * from {{ ref('int_personas') }}

),

persona_requirements as (

    select
        persona_id,
        application_id
    from {{ ref('int_persona_requirements') }}
    where requirement in ('mandatory', 'optional')

),

brought as (

    -- The access that a persona gives its members, and the membership itself.
    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        persona_requirements.persona_id,
        persona_requirements.application_id as held_id
    from sod_rule_sides
    inner join persona_requirements
        on sod_rule_sides.held_id = persona_requirements.application_id
    where sod_rule_sides.held_kind = 'application'

    union

    select
        sod_rule_id,
        side,
        held_id as persona_id,
        held_id
    from sod_rule_sides
    where held_kind = 'persona'

),

brought_with_baseline as (

    -- Everybody also has the baseline.
    select
        brought.*,
        false as is_by_baseline
    from brought

    union all

    select
        brought.sod_rule_id,
        brought.side,
        personas.persona_id,
        brought.held_id,
        true as is_by_baseline
    from brought
    inner join personas as baselines
        on brought.persona_id = baselines.persona_id and baselines.is_baseline
    inner join personas on not personas.is_baseline

),

sides_brought as (

    select
        sod_rule_id,
        side,
        persona_id,
        {{ dbt.listagg("held_id", "' | '", "order by held_id") }} as held_ids,
        bool_or(not is_by_baseline) as has_own
    from brought_with_baseline
    group by 1, 2, 3

),

personas_in_violation as (

    select
        {{ as_of_date() }} as as_of_date,
        side_a.sod_rule_id,
        sod_rules.sod_rule_name,
        sod_rules.severity,
        sod_rules.owner_brid,
        side_a.persona_id,
        side_a.held_ids as held_of_a,
        side_b.held_ids as held_of_b
    from sides_brought as side_a
    inner join sides_brought as side_b
        on
            side_a.sod_rule_id = side_b.sod_rule_id
            and side_a.persona_id = side_b.persona_id
            and side_b.side = 'b'
    inner join sod_rules on side_a.sod_rule_id = sod_rules.sod_rule_id
    where side_a.side = 'a' and (side_a.has_own or side_b.has_own)

)

select * from personas_in_violation
