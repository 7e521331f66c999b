-- Differences between two weeks as they were built, each with the coarsest column that differs.
create table changes as
with

before as (

    select * from {{ part.before }}

),

after as (

    select * from {{ part.after }}

),

compared as (

    select
        brid,
        application_id,
        coalesce(before.reconciliation_status, 'no row') as status_before,
        coalesce(after.reconciliation_status, 'no row') as status_after,
        before.reconciliation_reason as reason_before,
        after.reconciliation_reason as reason_after,
        before.disposition as disposition_before,
        after.disposition as disposition_after
    from before
    full join after using (brid, application_id)

),

classified as (

    select
        *,
        case
            when status_before <> status_after then 'status'
            when (reason_before is distinct from reason_after) then 'reason'
            when (disposition_before is distinct from disposition_after) then 'disposition'
        end as change_kind
    from compared

)

select * from classified
where change_kind is not null
