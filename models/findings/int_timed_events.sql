-- An event is only known to be between two weekly extracts: both dates are kept.
with

decisions as (

    select * from {{ ref('fct_review_decisions') }}
    where as_of_date = {{ as_of_date() }} and decision_state <> 'rejected' and decision <> 'attest'

),

first_listed as (

    select
        item_id,
        reviewer_brid,
        min(as_of_date) as first_listed_date
    from {{ ref('fct_review_lists') }}
    where as_of_date <= {{ as_of_date() }}
    group by 1, 2

),

finding_events as (

    select * from {{ ref('int_finding_events') }}

),

events as (

    select
        'time_to_decide' as kpi,
        decisions.application_id,
        decisions.reviewer_brid,
        decisions.answered_date as counted_date,
        first_listed.first_listed_date as earliest_start_date,
        first_listed.first_listed_date as latest_start_date,
        decisions.answered_date as earliest_end_date,
        decisions.answered_date as latest_end_date,
        true as is_ended,
        false as is_ended_otherwise,
        true as is_measurable,
        {{ var('decision_days') }} as service_level_days
    from decisions
    inner join first_listed
        on
            decisions.item_id = first_listed.item_id
            and decisions.reviewer_brid = first_listed.reviewer_brid
    where coalesce(decisions.state_reason, '') not in ('newer_answer', 'repeated_answer')

    union all

    select
        'time_to_revoke' as kpi,
        application_id,
        reviewer_brid,
        answered_date as counted_date,
        answered_date as earliest_start_date,
        answered_date as latest_start_date,
        case when last_held_date > answered_date then last_held_date else answered_date end
            as earliest_end_date,
        -- Access that came back does not count as revoked, even if it was removed for a while.
        case when decision_state <> 'returned' then first_gone_date end as latest_end_date,
        decision_state <> 'returned' and first_gone_date is not null as is_ended,
        false as is_ended_otherwise,
        true as is_measurable,
        {{ var('revocation_days') }} as service_level_days
    from decisions
    where decision_state in ('removal_requested', 'still_held', 'returned', 'removed')

    union all

    select
        kpi,
        application_id,
        reviewer_brid,
        latest_start_date as counted_date,
        earliest_start_date,
        latest_start_date,
        earliest_end_date,
        latest_end_date,
        is_ended,
        is_ended_otherwise,
        is_measurable,
        service_level_days
    from finding_events

)

select * from events
