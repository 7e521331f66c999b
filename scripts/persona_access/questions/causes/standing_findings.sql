select
    brid,
    application_id,
    finding_type
from marts.fct_finding_weeks
where as_of_date = {{ parameter.week }} and finding_state <> 'closed'
