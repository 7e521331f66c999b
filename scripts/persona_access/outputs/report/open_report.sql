-- Values that the pages look up: the week, names, and the numbers of applications and personas.
create or replace temp table week as
select max(as_of_date) as as_of_date
from fct_access_reconciliation;

create or replace temp table names as
select
    brid,
    full_name
from dim_employees;

create or replace temp table application_names as
select
    application_id,
    application_name
from dim_applications;

create or replace temp table application_numbers as
with

applications as (

    select application_id from dim_applications
    union distinct
    select application_id from fct_access_reconciliation
    union distinct
    select application_id from fct_persona_requirements

)

select
    application_id,
    row_number() over (order by application_id) - 1 as _number
from applications;

create or replace temp table persona_numbers as
with

personas as (

    select persona_id from dim_personas
    union distinct
    select persona_id from fct_persona_assignments
    union distinct
    select persona_id from fct_persona_requirements

)

select
    persona_id,
    row_number() over (order by persona_id) - 1 as _number
from personas
where persona_id is not null;

-- The weeks whose findings are listed, newest first; the newest one even without findings.
create or replace temp table week_numbers as
with

first_weeks as (

    select least(min(kept.as_of_date), (select week.as_of_date from week)) as first_date
    from rpt_finding_weeks as kept

)

select
    figures.as_of_date,
    figures.as_of_date::varchar as week_id,
    row_number() over (order by figures.as_of_date desc) - 1 as _number
from rpt_week_figures as figures
cross join first_weeks
where
    figures.as_of_date <= (select week.as_of_date from week)
    and figures.as_of_date >= coalesce(first_weeks.first_date, (select week.as_of_date from week));
