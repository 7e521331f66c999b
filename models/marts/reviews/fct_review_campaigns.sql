-- Each weekly list is a campaign; a certification counts the population of its first week.
with

lists as (

    select
        as_of_date,
        reviewer_brid,
        item_id,
        item_kind,
        campaign_id,
        due_date
    from {{ ref('fct_review_lists') }}
    where as_of_date <= {{ as_of_date() }}

),

decisions as (

    select * from {{ ref('fct_review_decisions') }}
    where as_of_date = {{ as_of_date() }} and decision_state <> 'rejected'

),

campaigns as (

    select
        coalesce(
            campaign_id,
            concat_ws(':', 'findings', cast(as_of_date as {{ dbt.type_string() }}))
        ) as campaign_id,
        item_kind as campaign_kind,
        reviewer_brid,
        item_id,
        min(as_of_date) as started_date,
        max(due_date) as due_date
    from lists
    group by 1, 2, 3, 4

),

newest_decisions as (

    select
        item_id,
        reviewer_brid,
        decision,
        decision_state,
        load_id,
        answered_date,
        decided_at
    from decisions
    where
        decision <> 'attest'
        and coalesce(state_reason, '') not in ('newer_answer', 'repeated_answer')

),

hasty_loads as (

    -- All kept, five items or more, within a minute: nobody looked at them.
    select
        reviewer_brid,
        load_id
    from newest_decisions
    group by 1, 2
    having
        count(*) >= 5
        and count(*) filter (where decision <> 'keep') = 0
        and max(decided_at) <= {{ dbt.dateadd('minute', 1, 'min(decided_at)') }}

),

attestations as (

    select
        reviewer_brid,
        list_week,
        min(answered_date) as attested_date
    from decisions
    where decision = 'attest'
    group by 1, 2

),

joined as (

    select
        campaigns.campaign_id,
        campaigns.campaign_kind,
        campaigns.reviewer_brid,
        campaigns.started_date,
        campaigns.due_date,
        newest_decisions.decision,
        newest_decisions.answered_date,
        hasty_loads.load_id is not null as is_hasty
    from campaigns
    left join newest_decisions
        on
            campaigns.item_id = newest_decisions.item_id
            and campaigns.reviewer_brid = newest_decisions.reviewer_brid
    left join hasty_loads
        on
            newest_decisions.reviewer_brid = hasty_loads.reviewer_brid
            and newest_decisions.load_id = hasty_loads.load_id

),

counted as (

    select
        campaign_id,
        campaign_kind,
        reviewer_brid,
        min(started_date) as started_date,
        max(due_date) as due_date,
        count(*) as n_items,
        count(decision) as n_decided,
        count(*) filter (where decision is null and due_date < {{ as_of_date() }}) as n_overdue,
        count(*) filter (where decision = 'revoke') as n_revoked,
        count(*) filter (where decision = 'keep') as n_kept,
        count(*) filter (where decision = 'wrong_persona') as n_disputed,
        count(*) filter (where decision = 'not_mine') as n_reassigned,
        count(*) filter (where is_hasty) as n_rubber_stamped,
        max(answered_date) as last_answered_date
    from joined
    group by 1, 2, 3

),

attested as (

    select
        counted.campaign_id,
        counted.reviewer_brid,
        min(attestations.attested_date) as attested_date
    from counted
    inner join attestations
        on
            counted.reviewer_brid = attestations.reviewer_brid
            and (
                counted.started_date = attestations.list_week
                or (
                    counted.campaign_kind = 'certification'
                    and counted.started_date <= attestations.list_week
                )
            )
    group by 1, 2

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        counted.campaign_id,
        counted.campaign_kind,
        counted.reviewer_brid,
        counted.started_date,
        counted.due_date,
        cast(counted.n_items as {{ dbt.type_int() }}) as n_items,
        cast(counted.n_decided as {{ dbt.type_int() }}) as n_decided,
        cast(counted.n_overdue as {{ dbt.type_int() }}) as n_overdue,
        cast(counted.n_revoked as {{ dbt.type_int() }}) as n_revoked,
        cast(counted.n_kept as {{ dbt.type_int() }}) as n_kept,
        cast(counted.n_disputed as {{ dbt.type_int() }}) as n_disputed,
        cast(counted.n_reassigned as {{ dbt.type_int() }}) as n_reassigned,
        cast(counted.n_rubber_stamped as {{ dbt.type_int() }}) as n_rubber_stamped,
        counted.last_answered_date,
        attested.attested_date
    from counted
    left join attested
        on
            counted.campaign_id = attested.campaign_id
            and counted.reviewer_brid is not distinct from attested.reviewer_brid

)

select * from described
