-- The exceptions in the decisions of the week, with the state of each and how often it was used.
with

used_waivers as (

    select
        waiver_id,
        count(*) as n_used
    from marts.fct_finding_weeks
    where as_of_date = {{ parameter.week }} and finding_state <> 'closed'
    group by waiver_id

),

used_overrides as (

    select
        source_id,
        count(*) as n_used
    from marts.fct_persona_assignments
    where as_of_date = {{ parameter.week }}
    group by source_id

),

used_accounts as (

    select
        brid,
        count(*) as n_used
    from marts.fct_access_reconciliation
    where as_of_date = {{ parameter.week }} and reconciliation_reason = 'non_human_registered'
    group by brid

),

exceptions as (

    select
        'waiver' as exception_kind,
        waivers.waiver_id as exception_id,
        waivers.brid,
        waivers.application_id as about,
        waivers.valid_from,
        waivers.valid_to,
        waivers.requested_by,
        waivers.approved_by,
        waivers.approved_on,
        waivers.rationale,
        coalesce(used_waivers.n_used, 0) as n_used
    from waivers
    left join used_waivers on waivers.waiver_id = used_waivers.waiver_id

    union all

    select
        'override' as exception_kind,
        overrides.override_id as exception_id,
        overrides.brid,
        overrides.persona_id as about,
        overrides.valid_from,
        overrides.valid_to,
        overrides.requested_by,
        overrides.approved_by,
        overrides.approved_on,
        overrides.rationale,
        coalesce(used_overrides.n_used, 0) as n_used
    from overrides
    left join used_overrides on overrides.override_id = used_overrides.source_id

    union all

    select
        'non-human account' as exception_kind,
        accounts.brid as exception_id,
        accounts.brid,
        accounts.purpose as about,
        accounts.valid_from,
        accounts.valid_to,
        accounts.owner_brid as requested_by,
        accounts.approved_by,
        accounts.approved_on,
        accounts.rationale,
        coalesce(used_accounts.n_used, 0) as n_used
    from non_human_accounts as accounts
    left join used_accounts on runs.normalise_brid(accounts.brid) = used_accounts.brid

),

decisions as (

    select * from marts.fct_review_decisions
    where as_of_date = {{ parameter.week }} and decision = 'keep'

),

signatures as (

    select
        item_id,
        decided_by,
        min(answered_date) as signed_on
    from decisions
    where decision_state <> 'rejected'
    group by item_id, decided_by

),

kept as (

    select
        'review decision' as exception_kind,
        decisions.decision_id as exception_id,
        decisions.brid,
        decisions.application_id as about,
        replace(decisions.decision_state, 'exception_', '') as exception_state,
        cast(decisions.answered_date as varchar) as valid_from,
        cast(decisions.exception_valid_to as varchar) as valid_to,
        case
            when decisions.decision_state = 'exception_in_force'
                then decisions.exception_valid_to - {{ parameter.week }}
        end as n_days_left,
        coalesce(used_waivers.n_used, 0) as n_used,
        decisions.decided_by as requested_by,
        decisions.exception_approved_by as approved_by,
        cast(signatures.signed_on as varchar) as approved_on,
        decisions.decision_reason as rationale
    from decisions
    left join signatures
        on
            decisions.item_id = signatures.item_id
            and decisions.exception_approved_by = signatures.decided_by
    left join used_waivers on decisions.decision_id = used_waivers.waiver_id
    where
        decisions.decision_state like 'exception%'
        or decisions.decision_state = 'awaiting_approval'

),

dated as (

    select
        *,
        try_cast(nullif(trim(valid_from), '') as date) as first_day,
        try_cast(nullif(trim(valid_to), '') as date) as last_day
    from exceptions

)

select
    exception_kind,
    exception_id,
    brid,
    about,
    case
        when first_day > {{ parameter.week }} then 'not_started'
        when last_day < {{ parameter.week }} then 'expired'
        else 'in_force'
    end as exception_state,
    valid_from,
    valid_to,
    case when last_day >= {{ parameter.week }} then last_day - {{ parameter.week }} end
        as n_days_left,
    n_used,
    requested_by,
    approved_by,
    approved_on,
    rationale
from dated

union all

select * from kept
order by exception_kind, exception_id
