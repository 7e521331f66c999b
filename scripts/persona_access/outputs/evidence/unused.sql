-- Every access that is held and was not used for UNUSED_DAYS, according to the registry.
select
    brid,
    application_id,
    last_used_date,
    {{ parameter.week }} - last_used_date as n_days_unused,
    is_privileged,
    granted_date,
    reconciliation_status,
    reconciliation_reason,
    disposition
from marts.fct_access_reconciliation
where
    as_of_date = {{ parameter.week }}
    and is_granted
    and last_used_date < {{ parameter.week }} - {{ part.unused_days }}
order by last_used_date, brid, application_id
