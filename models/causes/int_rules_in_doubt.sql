-- Rules that may give people the wrong persona, as far as a new version of one row says it all.
with

causes as (

    -- A rule that moved people has the day on which it did so.
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

    -- Of what a rule asks for besides, a new version would need rows of its own.
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
