with

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

    -- What a persona lets its members hold, and being its member.
    select
        sod_rule_sides.sod_rule_id,
        sod_rule_sides.side,
        sod_rule_sides.sod_rule_name,
        sod_rule_sides.severity,
        sod_rule_sides.owner_brid,
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
        sod_rule_name,
        severity,
        owner_brid,
        held_id as persona_id,
        held_id
    from sod_rule_sides
    where held_kind = 'persona'

),

brought_with_baseline as (

    -- Everybody has the baseline besides their own persona.
    select
        brought.*,
        false as is_by_baseline
    from brought

    union all

    select
        brought.sod_rule_id,
        brought.side,
        brought.sod_rule_name,
        brought.severity,
        brought.owner_brid,
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
        min(sod_rule_name) as sod_rule_name,
        min(severity) as severity,
        min(owner_brid) as owner_brid,
        {{ dbt.listagg("held_id", "' | '", "order by held_id") }} as held_ids,
        bool_or(not is_by_baseline) as has_own
    from brought_with_baseline
    group by 1, 2, 3

),

personas_in_violation as (

    select
        {{ as_of_date() }} as as_of_date,
        side_a.sod_rule_id,
        side_a.sod_rule_name,
        side_a.severity,
        side_a.owner_brid,
        side_a.persona_id,
        side_a.held_ids as held_of_a,
        side_b.held_ids as held_of_b
    from sides_brought as side_a
    inner join sides_brought as side_b
        on
            side_a.sod_rule_id = side_b.sod_rule_id
            and side_a.persona_id = side_b.persona_id
            and side_b.side = 'b'
    where side_a.side = 'a' and (side_a.has_own or side_b.has_own)

)

select * from personas_in_violation
