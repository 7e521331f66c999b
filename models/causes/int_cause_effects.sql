-- The effect of a cause's patch on all findings, including those of other causes.
with

causes as (

    select
        cause_id,
        cause_kind,
        subject_application_id,
        subject_detail
    from {{ ref('fct_finding_causes') }}
    where as_of_date = {{ as_of_date() }} and cause_kind in ('spelling', 'application_retired')
    group by 1, 2, 3, 4

),

evidence as (

    select * from {{ ref('int_cause_evidence') }}

),

account_effects as (

    select * from {{ ref('int_account_registration_effects') }}

),

list_effects as (

    select * from {{ ref('int_list_correction_effects') }}

),

rule_effects as (

    select * from {{ ref('int_rule_correction_effects') }}

),

rule_corrections as (

    select * from {{ ref('int_rule_corrections') }}

),

suggestions as (

    select * from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }} and suggestion_kind <> 'alternative'

),

effects as (

    -- The findings of a retired application close, including suspended ones.
    select
        causes.cause_id,
        count(*) as n_ending,
        0 as n_opening
    from causes
    inner join evidence on causes.subject_application_id = evidence.application_id
    where
        causes.cause_kind = 'application_retired'
        and (evidence.finding_type = 'missing' or evidence.suspended_reason is not null)
    group by 1

    union all

    select * from account_effects

    union all

    select * from list_effects

    union all

    select * from rule_effects

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

),

added as (

    select
        effects.cause_id,
        sum(effects.n_ending) as n_ending,
        sum(effects.n_opening) as n_opening,
        min(rule_corrections.proposed_persona_id) as proposed_persona_id
    from effects
    left join rule_corrections on effects.cause_id = rule_corrections.cause_id
    group by 1

)

select * from added
