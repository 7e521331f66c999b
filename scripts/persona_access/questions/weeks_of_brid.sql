-- The first and the last week in which a BRID had access or a persona.
with

weeks as (

    select as_of_date from marts.fct_access_reconciliation
    where brid = {{ parameter.brid }}
    union distinct
    select as_of_date from marts.fct_persona_assignments
    where brid = {{ parameter.brid }}

)

select
    min(as_of_date) as first_week,
    max(as_of_date) as last_week
from weeks
