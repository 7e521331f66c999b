-- Rules that may give people the wrong persona, if a new version of a single row can correct them.
with

causes as (

    -- The name of a rule that moved people contains the day of the move.
    select
        cause_id,
        cause_kind,
        subject_persona_id,
        case cause_kind
            when 'rule_moved_people' then left(subject_detail, length(subject_detail) - 11)
            else subject_detail
        end as source_id
    from {{ ref('fct_finding_causes') }}
    where
        as_of_date = {{ as_of_date() }}
        and cause_kind in ('rule_moved_people', 'assignment_not_real')
    group by 1, 2, 3, 4

),

rules as (

    -- A new version of a rule with further conditions would need rows for these, too.
    select
        rule_id,
        rule_version,
        rule_id || ' v' || rule_version as source_id,
        management_level,
        cost_center,
        persona_id,
        valid_from
    from {{ ref('int_mapping_rules') }}
    where is_in_force and effect = 'assign' and conditions is null

),

meant as (

    select
        causes.cause_id,
        causes.cause_kind,
        rules.*
    from causes
    inner join rules
        on
            causes.source_id = rules.source_id
            and (causes.subject_persona_id is null or causes.subject_persona_id = rules.persona_id)

)

select * from meant
