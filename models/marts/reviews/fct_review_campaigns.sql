with

items as (

    select * from {{ ref('int_campaign_items') }}

),

attestations as (

    select
        reviewer_brid,
        list_week,
        min(answered_date) as attested_date
    from {{ ref('fct_review_decisions') }}
    where
        as_of_date = {{ as_of_date() }}
        and decision = 'attest'
        and decision_state <> 'rejected'
    group by 1, 2

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
    from items
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
