-- The exceptions of the week's own decisions, what state each was in, and how often it was used.
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

kept as (

    select
        'review decision' as exception_kind,
        decision_id as exception_id,
        brid,
        application_id as about,
        replace(decision_state, 'exception_', '') as exception_state,
        cast(answered_date as varchar) as valid_from,
        cast(exception_valid_to as varchar) as valid_to,
        case
            when decision_state = 'exception_in_force'
                then exception_valid_to - {{ parameter.week }}
        end as n_days_left,
        1 as n_used,
        decided_by as requested_by,
        case when decision_state = 'exception_in_force' then exception_approved_by end
            as approved_by,
        case when decision_state = 'exception_in_force' then cast(answered_date as varchar) end
            as approved_on,
        decision_reason as rationale
    from marts.fct_review_decisions
    where
        as_of_date = {{ parameter.week }}
        and (decision_state like 'exception%' or decision_state = 'awaiting_approval')

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
