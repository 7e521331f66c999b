with

employees as (

    select
        brid,
        hire_date
    from {{ ref('int_employees') }}

),

sightings as (

    select
        brid,
        as_of_date as first_seen_date,
        min(as_of_date) over () as first_week
    from {{ ref('int_employee_sightings') }}

),

trainings as (

    select
        max(data_date) as data_date,
        max(newcomers_since) as newcomers_since,
        max(newcomers_until) as newcomers_until
    from {{ ref('stg_decisions__pretrained_trainings') }}

),

dated as (

    -- Whom HR did not have at the training is new to it, whatever the hire date says. If the weeks
    -- do not reach back to the training, only the hire date tells, and without one nothing does.
    select
        employees.brid,
        employees.hire_date,
        sightings.first_seen_date,
        trainings.newcomers_since,
        trainings.newcomers_until,
        {{ dbt.datediff('trainings.data_date', as_of_date(), 'day') }} as training_age_days,
        coalesce(
            sightings.first_seen_date > trainings.data_date
            and (sightings.first_week <= trainings.data_date or employees.hire_date is null),
            false
        ) as is_seen_since
    from employees
    cross join trainings
    left join sightings on employees.brid = sightings.brid

),

arrivals as (

    select
        brid,
        coalesce(is_seen_since or hire_date > newcomers_since, false) as is_newcomer,
        coalesce(
            case when is_seen_since then first_seen_date else hire_date end > newcomers_until,
            newcomers_until is null
        ) as is_beyond_evidence,
        coalesce(training_age_days > {{ var('pretrained_expires_after_days') }}, false)
            as is_training_expired
    from dated

)

select * from arrivals
