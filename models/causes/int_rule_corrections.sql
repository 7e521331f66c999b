-- The persona that a rule should give instead of a wrong one.
with

meant as (

    select * from {{ ref('int_rules_in_doubt') }}

),

fitting as (

    select * from {{ ref('int_fitting_personas') }}

),

earlier_rules as (

    select
        rule_id || ' v' || rule_version as source_id,
        management_level,
        cost_center,
        persona_id,
        valid_to
    from {{ ref('int_mapping_rules') }}
    where effect = 'assign' and conditions is null and not is_in_force

),

replaced as (

    -- The persona that the same people had from a rule that ended before this one began.
    select
        meant.cause_id,
        earlier_rules.persona_id,
        row_number() over (
            partition by meant.cause_id
            order by earlier_rules.valid_to desc, earlier_rules.source_id
        ) as persona_rank
    from meant
    inner join earlier_rules
        on
            meant.management_level = earlier_rules.management_level
            and meant.cost_center = earlier_rules.cost_center
            and meant.valid_from > earlier_rules.valid_to
            and meant.persona_id <> earlier_rules.persona_id
    where meant.cause_kind = 'rule_moved_people'

),

corrections as (

    select
        meant.cause_id,
        meant.rule_id,
        meant.rule_version,
        meant.source_id,
        meant.persona_id,
        coalesce(replaced.persona_id, fitting.persona_id) as proposed_persona_id
    from meant
    left join replaced on meant.cause_id = replaced.cause_id and replaced.persona_rank = 1
    left join fitting on meant.cause_id = fitting.cause_id
    where replaced.persona_id is not null or fitting.persona_id is not null

)

select * from corrections
