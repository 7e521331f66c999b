with

orphan_accounts as (

    -- A name that is only a number is a person whom HR does not list, and is never registered as an
    -- account.
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
    where
        orphan_detail in ('never_seen', 'non_human_unregistered')
        and suspended_reason is null

),

counted as (

    -- A registered account is not an orphan on any application.
    select
        orphan_accounts.cause_id,
        count(*) as n_ending,
        0 as n_opening
    from orphan_accounts
    inner join evidence on orphan_accounts.brid = evidence.brid
    group by 1

)

select * from counted
