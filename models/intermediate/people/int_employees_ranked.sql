with

employees as (

    select
        brid,
        brid_as_delivered,
        full_name,
        work_email,
        employment_status,
        worker_type,
        management_level,
        cost_center,
        cost_center_name,
        department,
        job_title,
        manager_brid,
        location,
        hire_date,
        termination_date,
        attributes,
        is_source_late,
        load_id,
        file_name,
        row_number,
        extract_date
    from {{ ref('int_headcount_rows') }}

),

previous_week as (

    select * from {{ ref('stg_history__employees') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__employees')) }}

),

compared as (

    -- An emptied cell may be damaged: its last known value is kept. A later first day alone does
    -- not make somebody who works here a future joiner: it is a mistyped year.
    select
        employees.*,
        case
            when
                employees.hire_date > {{ as_of_date() }}
                and previous_week.employment_state in ('employed', 'on_leave')
                and employees.termination_date is null
                and coalesce(employees.employment_status, '') <> 'future'
                then previous_week.hire_date
            else coalesce(employees.hire_date, previous_week.hire_date)
        end as known_hire_date,
        case
            when employees.hire_date > previous_week.hire_date then employees.employment_status
            else coalesce(employees.employment_status, previous_week.employment_status)
        end as known_status
    from employees
    left join previous_week on employees.brid = previous_week.brid

),

employment_ends_classified as (

    select
        *,
        -- A person who was hired again after the last termination works here again.
        coalesce(
            termination_date <= {{ as_of_date() }}
            and not coalesce(
                known_hire_date > termination_date and known_hire_date <= {{ as_of_date() }}, false
            ),
            false
        ) as has_ended_by_date,
        coalesce(known_status, '') = 'terminated'
        and coalesce(termination_date is null or known_hire_date > termination_date, false)
            as has_ended_by_word,
        coalesce(known_hire_date > {{ as_of_date() }}, known_status = 'future', false)
            as has_not_started
    from compared

),

employment_states_classified as (

    select
        *,
        -- Dates win over the status word; the word decides where there is no date.
        case
            when has_ended_by_date or has_ended_by_word then 'ended'
            when has_not_started then 'not_started'
            when known_status = 'on_leave' then 'on_leave'
            else 'employed'
        end as employment_state
    from employment_ends_classified

),

ranked as (

    select
        *,
        employment_state in ('employed', 'on_leave') as is_employed,
        -- The employed row comes first, then the latest. The other columns make the order total and
        -- independent of the file.
        row_number() over (
            partition by brid
            order by
                case when employment_state in ('employed', 'on_leave') then 0 else 1 end,
                hire_date desc nulls last, termination_date desc nulls first,
                management_level nulls last, cost_center nulls last, employment_status nulls last,
                manager_brid nulls last, job_title nulls last, department nulls last,
                worker_type nulls last, location nulls last, full_name nulls last,
                work_email nulls last, cost_center_name nulls last, attributes nulls last
        ) as row_rank,
        count(*) over (partition by brid) as n_hr_rows
    from employment_states_classified

)

select * from ranked
