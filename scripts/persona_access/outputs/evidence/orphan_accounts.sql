-- Accounts that HR did not know in the week, with the likeliest owner if candidates were computed.
with

orphans as (

    select
        brid,
        max(orphan_detail) as orphan_detail,
        count(*) as n_applications,
        count(*) filter (where is_privileged) as n_privileged
    from marts.fct_access_reconciliation
    where as_of_date = {{ parameter.week }} and reconciliation_reason = 'orphan_account'
    group by brid

),

candidates as (

    select
        runs.normalise_brid(account_brid) as brid,
        candidate_brid,
        probability,
        agreeing_fields,
        is_suggested,
        found_date,
        row_number() over (
            partition by runs.normalise_brid(account_brid)
            order by try_cast(probability as double) desc nulls last, candidate_brid
        ) as candidate_rank
    from account_candidates

)

select
    orphans.brid,
    orphans.orphan_detail,
    orphans.n_applications,
    orphans.n_privileged,
    candidates.candidate_brid,
    candidates.probability,
    candidates.agreeing_fields,
    candidates.is_suggested,
    candidates.found_date
from orphans
left join candidates on orphans.brid = candidates.brid and candidates.candidate_rank = 1
order by orphans.brid
