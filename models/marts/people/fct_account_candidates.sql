with

candidates as (

    select * from {{ ref('int_account_candidates') }}

),

orphan_accounts as (

    select
        brid as account_brid,
        max(orphan_detail) as orphan_detail,
        count(*) as n_applications
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and reconciliation_reason = 'orphan_account'
    group by 1

),

ranked as (

    -- An account that got its owner, or was registered, is no longer open.
    select
        {{ as_of_date() }} as as_of_date,
        candidates.account_brid,
        cast(
            row_number() over (
                partition by candidates.account_brid
                order by candidates.probability desc nulls last, candidates.candidate_brid
            ) as {{ dbt.type_int() }}
        ) as candidate_rank,
        candidates.candidate_brid,
        candidates.candidate_name,
        candidates.candidate_state,
        candidates.account_id,
        orphan_accounts.orphan_detail,
        cast(orphan_accounts.n_applications as {{ dbt.type_bigint() }}) as n_applications,
        candidates.probability,
        candidates.agreeing_fields,
        candidates.is_suggested,
        candidates.found_date,
        -- Candidates are only computed on request: old ones may lack newer accounts and people.
        cast(
            floor({{ dbt.datediff('candidates.found_date', as_of_date(), 'day') }} / 7.0)
            as {{ dbt.type_int() }}
        ) as n_weeks_old
    from candidates
    inner join orphan_accounts on candidates.account_brid = orphan_accounts.account_brid

)

select * from ranked
