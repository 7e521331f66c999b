{% set previous_date = previous_as_of_date(ref('stg_history__employees')) %}

with

employees as (

    select
        brid,
        hire_date,
        n_hr_rows
    from {{ ref('int_employees') }}

),

rows_without_brid as (

    select * from {{ ref('int_hr_rows_without_brid') }}

),

named as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and {{ is_data_row() }}
        and brid is not null
    group by 1

),

previous_week as (

    select
        brid,
        employment_state,
        last_read_date,
        last_read_date < as_of_date as was_in_doubt,
        n_unreadable_when_read,
        n_hr_rows
    from {{ ref('stg_history__employees') }}
    where as_of_date = {{ previous_date }}

),

readable_again as (

    -- A person who was in doubt, or is new but was not hired since, may have been unreadable.
    select count(*) as n_rows
    from employees
    left join previous_week on employees.brid = previous_week.brid
    where
        (
            previous_week.was_in_doubt
            and not coalesce(employees.n_hr_rows < previous_week.n_hr_rows, false)
        )
        or (
            previous_week.brid is null
            and coalesce(employees.hire_date <= {{ previous_date }}, true)
        )

),

damage as (

    -- As many rows without a BRID as a week ago cannot belong to people who were readable then,
    -- unless one of those rows can be read again.
    select
        rows_without_brid.n_rows as n_unreadable,
        rows_without_brid.n_rows_before as n_unreadable_before,
        rows_without_brid.n_rows > rows_without_brid.n_rows_before
        - least(readable_again.n_rows, rows_without_brid.n_rows_before) as is_any_new
    from rows_without_brid
    cross join readable_again

),

carried as (

    -- Otherwise a person with a damaged row would leave, and be hired again once it is readable. A
    -- row that does not say whose it is may belong to anyone who was there a week ago and is
    -- missing now, or who had more rows then.
    select
        previous_week.brid,
        case
            when named.brid is not null then {{ as_of_date() }}
            else previous_week.last_read_date
        end as last_read_date,
        case
            when named.brid is null
                then
                    coalesce(previous_week.n_unreadable_when_read, damage.n_unreadable_before)
        end as n_unreadable_when_read
    from previous_week
    cross join damage
    left join employees on previous_week.brid = employees.brid
    left join named on previous_week.brid = named.brid
    where
        named.brid is not null
        or (
            (employees.brid is null or employees.n_hr_rows < previous_week.n_hr_rows)
            and previous_week.employment_state is distinct from 'ended'
            and case
                when previous_week.was_in_doubt
                    then damage.n_unreadable > previous_week.n_unreadable_when_read
                else damage.is_any_new
            end
            and {{ dbt.datediff('previous_week.last_read_date', as_of_date(), 'day') }}
            <= 7 * {{ var('quarantine_doubt_weeks') }}
        )

)

select * from carried
