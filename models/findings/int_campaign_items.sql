-- Each weekly list is a campaign; a certification counts the population of its first week.
with

lists as (

    select
        as_of_date,
        reviewer_brid,
        item_id,
        item_kind,
        coalesce(
            campaign_id,
            concat_ws(':', 'findings', cast(as_of_date as {{ dbt.type_string() }}))
        ) as campaign_id,
        due_date
    from {{ ref('fct_review_lists') }}
    where as_of_date <= {{ as_of_date() }}

),

decisions as (

    select * from {{ ref('fct_review_decisions') }}
    where
        as_of_date = {{ as_of_date() }}
        and decision_state <> 'rejected'
        and decision <> 'attest'
        and coalesce(state_reason, '') not in ('newer_answer', 'repeated_answer')

),

weeks_kept as (

    select min(as_of_date) as first_week from {{ ref('fct_reconciliation_by_manager') }}

),

campaigns as (

    select
        campaign_id,
        item_kind as campaign_kind,
        reviewer_brid,
        item_id,
        min(as_of_date) as started_date,
        max(due_date) as due_date,
        max(as_of_date) = max(max(as_of_date)) over (
            partition by campaign_id, item_id
        ) as is_listed_last,
        max(max(as_of_date)) over (partition by campaign_id) as last_listed_date
    from lists
    group by 1, 2, 3, 4

),

hasty_loads as (

    -- If five or more items, and no others, were kept within a minute, nobody looked at them.
    select
        reviewer_brid,
        load_id
    from decisions
    group by 1, 2
    having
        count(*) >= 5
        and count(*) filter (where decision <> 'keep') = 0
        and max(decided_at) <= {{ dbt.dateadd('minute', 1, 'min(decided_at)') }}

),

joined as (

    select
        campaigns.campaign_id,
        campaigns.campaign_kind,
        campaigns.reviewer_brid,
        campaigns.item_id,
        campaigns.started_date,
        campaigns.due_date,
        decisions.decision,
        decisions.answered_date,
        hasty_loads.load_id is not null as is_hasty
    from campaigns
    left join decisions
        on
            campaigns.item_id = decisions.item_id
            and campaigns.reviewer_brid = decisions.reviewer_brid
    left join hasty_loads
        on
            decisions.reviewer_brid = hasty_loads.reviewer_brid
            and decisions.load_id = hasty_loads.load_id
    cross join weeks_kept
    where
        -- Undecided items of a reviewer who left are on another reviewer's list, and count there.
        (campaigns.is_listed_last or decisions.decision is not null)
        -- Of lists that retention removed, only what is still in effect is left.
        and not coalesce(campaigns.last_listed_date < weeks_kept.first_week, false)

)

select * from joined
