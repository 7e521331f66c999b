with

employees as (

    select
        brid,
        employment_state,
        hire_date,
        days_since_end,
        is_source_late
    from {{ ref('int_employees') }}

),

employee_sightings as (

    select brid from {{ ref('int_employee_sightings') }}
    where as_of_date < {{ as_of_date() }}

),

quarantined_rows as (

    select
        brid,
        line_as_delivered
    from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and reason not in ('label_row', 'header_repeated')

),

quarantined_before as (

    select
        brid,
        line_as_delivered
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount'

),

hr_rows_quarantined as (

    select brid from quarantined_rows
    where brid is not null

    union

    select brid from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }} and last_read_date < as_of_date

),

rows_readable_again as (

    -- Rows of last week that did not say whose they were, and do now: anybody's who is new.
    select count(*) > 0 as is_any
    from quarantined_before
    left join quarantined_rows
        on quarantined_before.line_as_delivered = quarantined_rows.line_as_delivered
    where quarantined_before.brid is null and quarantined_rows.line_as_delivered is null

),

unreadable_before as (

    select brid from quarantined_before
    where brid is not null

    union

    select employees.brid
    from employees
    cross join rows_readable_again
    where
        rows_readable_again.is_any
        -- Who was hired since cannot have been in the extract before.
        and coalesce(
            employees.hire_date <= {{ previous_as_of_date(ref('int_employee_weeks')) }}, true
        )

),

non_human_accounts as (

    select
        brid,
        is_registered
    from {{ ref('int_non_human_accounts') }}

),

persona_sets as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

brids as (

    select brid from employees

    union

    select brid from employee_sightings

    union

    select brid from hr_rows_quarantined

    union

    select brid from non_human_accounts

),

described as (

    select
        brids.brid,
        employees.brid is not null as is_in_hr,
        employees.employment_state,
        employees.hire_date,
        employees.days_since_end,
        coalesce(employees.is_source_late, false) as is_source_late,
        employee_sightings.brid is not null as was_in_hr,
        hr_rows_quarantined.brid is not null as is_hr_row_quarantined,
        unreadable_before.brid is not null as was_hr_row_unreadable,
        coalesce(non_human_accounts.is_registered, false) as is_registered_non_human,
        non_human_accounts.brid is not null as is_listed_non_human,
        persona_sets.persona_set_id,
        persona_sets.unresolved_reason
    from brids
    left join employees on brids.brid = employees.brid
    left join employee_sightings on brids.brid = employee_sightings.brid
    left join hr_rows_quarantined on brids.brid = hr_rows_quarantined.brid
    left join unreadable_before on brids.brid = unreadable_before.brid
    left join non_human_accounts on brids.brid = non_human_accounts.brid
    left join persona_sets on brids.brid = persona_sets.brid

)

select * from described
