-- A requirement becomes optional, held access becomes listed, or a new application replaces the old
-- one.
with

causes as (

    select
        cause_id,
        cause_kind,
        subject_persona_id,
        subject_application_id,
        subject_detail
    from {{ ref('fct_finding_causes') }}
    where
        as_of_date = {{ as_of_date() }}
        and cause_kind in (
            'application_replaced', 'requirement_not_real', 'requirement_of_other_units',
            'requirement_absent'
        )
    group by 1, 2, 3, 4, 5

),

evidence as (

    select * from {{ ref('int_cause_evidence') }}
    where suspended_reason is null

),

set_personas as (

    select * from {{ ref('int_persona_set_personas') }}

),

requirements as (

    select * from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'

),

replacing_sets as (

    -- The sets of personas of which one requires the replaced application.
    select
        set_personas.persona_set_id,
        requirements.application_id
    from set_personas
    inner join requirements on set_personas.persona_id = requirements.persona_id
    group by 1, 2

),

allowed_excess as (

    select * from evidence
    where reconciliation_reason in ('never_expected', 'requirement_withdrawn', 'former_persona')

),

ended as (

    -- Both names are optional for each persona that requires the replaced application.
    select causes.cause_id
    from causes
    inner join evidence on causes.subject_application_id = evidence.application_id
    where causes.cause_kind = 'application_replaced' and evidence.finding_type = 'missing'

    union all

    select causes.cause_id
    from causes
    inner join allowed_excess on causes.subject_detail = allowed_excess.application_id
    inner join replacing_sets
        on
            causes.subject_application_id = replacing_sets.application_id
            and allowed_excess.persona_set_id = replacing_sets.persona_set_id
    where causes.cause_kind = 'application_replaced'

    union all

    -- Optional for this persona, and no other persona of the person requires it.
    select causes.cause_id
    from causes
    inner join evidence
        on
            causes.subject_persona_id = evidence.persona_id
            and causes.subject_application_id = evidence.application_id
    where
        causes.cause_kind in ('requirement_not_real', 'requirement_of_other_units')
        and evidence.finding_type = 'missing'
        and evidence.n_personas_asking = 1

    union all

    select causes.cause_id
    from causes
    inner join allowed_excess on causes.subject_application_id = allowed_excess.application_id
    inner join set_personas
        on
            causes.subject_persona_id = set_personas.persona_id
            and allowed_excess.persona_set_id = set_personas.persona_set_id
    where causes.cause_kind = 'requirement_absent'

),

counted as (

    select
        cause_id,
        count(*) as n_ending,
        0 as n_opening
    from ended
    group by 1

)

select * from counted
