with

suggestions as (

    select
        application_id,
        spelling,
        suggestion_kind,
        n_missing,
        n_holders,
        n_shared,
        missing_share,
        holder_share,
        overlap_share,
        is_same_letters
    from {{ ref('int_other_names_classified') }}

),

names_in_question as (

    select application_id from suggestions
    where suggestion_kind <> 'alternative'

    union

    select spelling as application_id from suggestions
    where suggestion_kind <> 'alternative'

),

employees as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

pairs as (

    select
        held.brid,
        held.application_id,
        held.is_granted,
        held.reconciliation_status = 'missing' as is_missing,
        held.reconciliation_reason = 'never_expected'
        or (
            held.reconciliation_status = 'unassessed'
            and held.reconciliation_reason <> 'non_human_registered'
        ) as is_unexpected
    from {{ ref('fct_access_reconciliation') }} as held
    inner join names_in_question on held.application_id = names_in_question.application_id
    where held.as_of_date = {{ as_of_date() }}

),

shared_sets as (

    select
        suggestions.application_id,
        suggestions.spelling,
        employees.persona_set_id
    from suggestions
    inner join pairs as missing
        on suggestions.application_id = missing.application_id and missing.is_missing
    inner join pairs as unexpected
        on
            suggestions.spelling = unexpected.application_id
            and missing.brid = unexpected.brid
            and unexpected.is_unexpected
    inner join employees on missing.brid = employees.brid
    where suggestions.suggestion_kind <> 'alternative'
    group by 1, 2, 3

),

contrasts as (

    -- Among people with the same personas who hold the one, few hold both, or all hold both.
    select
        shared_sets.application_id,
        shared_sets.spelling,
        count(*) as n_same_holders,
        count(spelled.brid) as n_both
    from shared_sets
    inner join employees on shared_sets.persona_set_id = employees.persona_set_id
    inner join pairs as whole
        on
            shared_sets.application_id = whole.application_id
            and employees.brid = whole.brid
            and whole.is_granted
    left join pairs as spelled
        on
            shared_sets.spelling = spelled.application_id
            and whole.brid = spelled.brid
            and spelled.is_granted
    group by 1, 2

),

contrasted as (

    select suggestions.*
    from suggestions
    left join contrasts
        on
            suggestions.application_id = contrasts.application_id
            and suggestions.spelling = contrasts.spelling
    where
        coalesce(contrasts.n_same_holders, 0) < {{ var('cause_min_findings') }}
        or contrasts.n_both * 2 <= contrasts.n_same_holders * suggestions.missing_share
        or suggestions.is_same_letters

)

select * from contrasted
