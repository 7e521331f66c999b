select distinct brid
from marts.fct_finding_causes
where
    as_of_date = {{ parameter.week }}
    and cause_id = {{ parameter.cause_id }}
    and translate(brid, '0123456789', '') <> ''
order by brid
