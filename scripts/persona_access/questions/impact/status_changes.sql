create table status_changes as
with

base_access as (

    from base.access_reconciliation

),

work_access as (

    from work.access_reconciliation

)

select
    brid,
    application_id,
    coalesce(base_access.reconciliation_status, 'no row') as status_before,
    coalesce(work_access.reconciliation_status, 'no row') as status_after,
    base_access.reconciliation_reason as reason_before,
    work_access.reconciliation_reason as reason_after,
    base_access.disposition as disposition_before,
    work_access.disposition as disposition_after,
    base_access.persona_ids as asked_for_by_before,
    work_access.persona_ids as asked_for_by_after
from base_access
full join work_access using (brid, application_id)
where
    (
        base_access.reconciliation_status,
        base_access.reconciliation_reason,
        base_access.disposition
    )
    is distinct from (
        work_access.reconciliation_status,
        work_access.reconciliation_reason,
        work_access.disposition
    )
