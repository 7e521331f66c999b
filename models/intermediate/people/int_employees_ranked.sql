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
    from {{ ref('stg_hr__employees') }}
    where brid is not null

),

employment_ends_classified as (

    select
        *,
        -- Somebody who was hired again after the last termination works here again.
        coalesce(
            termination_date <= {{ as_of_date() }}
            and not coalesce(
                hire_date > termination_date and hire_date <= {{ as_of_date() }}, false
            ),
            false
        ) as has_ended_by_date,
        coalesce(
            employment_status = 'terminated'
            and (termination_date is null or hire_date > termination_date),
            false
        ) as has_ended_by_word,
        coalesce(hire_date > {{ as_of_date() }}, employment_status = 'future', false)
            as has_not_started
    from employees

),

employment_states_classified as (

    select
        *,
        -- Dates win over the status word; the word decides where there is no date.
        case
            when has_ended_by_date or has_ended_by_word then 'ended'
            when has_not_started then 'not_started'
            when employment_status = 'on_leave' then 'on_leave'
            else 'employed'
        end as employment_state
    from employment_ends_classified

),

ranked as (

    select
        *,
        employment_state in ('employed', 'on_leave') as is_employed,
        -- The employed row first, then the latest. What follows makes the order total without
        -- looking at the order of the file.
        row_number() over (
            partition by brid
            order by
                case when employment_state in ('employed', 'on_leave') then 0 else 1 end,
                hire_date desc nulls last,
                termination_date desc nulls first,
                management_level nulls last,
                cost_center nulls last,
                employment_status nulls last,
                manager_brid nulls last,
                job_title nulls last,
                department nulls last,
                worker_type nulls last,
                location nulls last,
                full_name nulls last,
                work_email nulls last,
                cost_center_name nulls last,
                attributes nulls last
        ) as row_rank,
        count(*) over (partition by brid) as n_hr_rows
    from employment_states_classified

)

select * from ranked
