-- What the patch of a cause would do to all findings, whatever cause they were put down to.
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
            'spelling', 'application_replaced', 'application_retired', 'requirement_not_real',
            'requirement_of_other_units', 'requirement_absent'
        )
    group by 1, 2, 3, 4, 5

),

orphan_accounts as (

    -- A number alone is a person whom HR does not name, and is never registered as an account.
    select
        cause_id,
        brid
    from {{ ref('fct_finding_causes') }}
    where
        as_of_date = {{ as_of_date() }}
        and cause_kind = 'orphan_cluster'
        and translate(brid, '0123456789', '') <> ''
    group by 1, 2

),

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

corrections as (

    select * from {{ ref('int_rule_corrections') }}

),

correction_effects as (

    select * from {{ ref('int_rule_correction_effects') }}

),

suggestions as (

    select
        application_id,
        spelling,
        n_ending,
        n_opening
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }} and suggestion_kind <> 'alternative'

),

set_personas as (

    select
        persona_set_id,
        persona_id
    from {{ ref('int_persona_set_personas') }}

),

asking_personas as (

    select
        persona_id,
        application_id
    from {{ ref('int_persona_requirements') }}
    where requirement = 'mandatory'

),

replacing_sets as (

    -- The sets of personas of which one asks for what is replaced.
    select
        set_personas.persona_set_id,
        asking_personas.application_id
    from set_personas
    inner join asking_personas on set_personas.persona_id = asking_personas.persona_id
    group by 1, 2

),

allowed_excess as (

    select
        brid,
        application_id,
        persona_set_id
    from evidence
    where
        suspended_reason is null
        and reconciliation_reason in (
            'never_expected', 'requirement_withdrawn', 'former_persona'
        )

),

ended as (

    -- A row for each finding that the patch of a cause would end.
    select causes.cause_id
    from causes
    inner join evidence on causes.subject_application_id = evidence.application_id
    where
        -- Retired, its findings close, those that are suspended as well.
        (
            causes.cause_kind = 'application_retired'
            and (evidence.finding_type = 'missing' or evidence.suspended_reason is not null)
        )
        -- Both are optional for each persona that asks for what is replaced.
        or (
            causes.cause_kind = 'application_replaced'
            and evidence.finding_type = 'missing'
            and evidence.suspended_reason is null
        )

    union all

    -- Optional for this persona, and nobody else asks the person for it.
    select causes.cause_id
    from causes
    inner join evidence
        on
            causes.subject_persona_id = evidence.persona_id
            and causes.subject_application_id = evidence.application_id
    where
        causes.cause_kind in ('requirement_not_real', 'requirement_of_other_units')
        and evidence.finding_type = 'missing'
        and evidence.suspended_reason is null
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

    -- Once registered, an account is nobody's orphan on any application.
    select orphan_accounts.cause_id
    from orphan_accounts
    inner join evidence on orphan_accounts.brid = evidence.brid
    where
        evidence.orphan_detail in ('never_seen', 'non_human_unregistered')
        and evidence.suspended_reason is null

),

effects as (

    select
        cause_id,
        count(*) as n_ending,
        0 as n_opening
    from ended
    group by 1

    union all

    select
        causes.cause_id,
        suggestions.n_ending,
        suggestions.n_opening
    from causes
    inner join suggestions
        on
            causes.subject_application_id = suggestions.application_id
            and causes.subject_detail = suggestions.spelling
    where causes.cause_kind = 'spelling'

    union all

    select
        cause_id,
        n_ending,
        n_opening
    from correction_effects

),

added as (

    select
        cause_id,
        sum(n_ending) as n_ending,
        sum(n_opening) as n_opening
    from effects
    group by 1

),

described as (

    select
        added.cause_id,
        added.n_ending,
        added.n_opening,
        corrections.proposed_persona_id
    from added
    left join corrections on added.cause_id = corrections.cause_id

)

select * from described
