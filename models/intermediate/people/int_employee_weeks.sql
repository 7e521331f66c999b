{% set previous_date = previous_as_of_date(this) %}

with

employees as (

    select
        brid,
        known_status,
        employment_state,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        hire_date,
        known_hire_date,
        n_hr_rows,
        -- The date of an employment before this one says nothing.
        case when days_since_end is not null then termination_date end as ended_date
    from {{ ref('int_employees') }}

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

quarantined_rows as (

    select brid from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'hr_headcount'
        and is_row_quarantined
        and {{ is_data_row() }}

),

rows_without_brid as (

    select brid from quarantined_rows
    where brid is null

    union all

    select brid from {{ ref('stg_hr__employees') }}
    where brid is null

),

unreadable_now as (

    select count(*) as n_rows from rows_without_brid

),

unreadable_before as (

    select cast(coalesce(sum(n_rows), 0) as {{ dbt.type_bigint() }}) as n_rows
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount' and brid is null

),

named as (

    select brid from quarantined_rows
    where brid is not null
    group by 1

),

previous_week as (

    select
        brid,
        employment_status,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        hire_date,
        persona_set_id,
        coalesce(last_whole_date, as_of_date) as last_whole_date,
        coalesce(last_read_date, as_of_date) as last_read_date,
        coalesce(last_read_date < as_of_date, false) as was_in_doubt,
        n_unreadable_when_read,
        n_hr_rows,
        ended_date
    from {{ this }}
    where as_of_date = {{ previous_date }}

),

readable_again as (

    -- Whoever was in doubt, or is new without having been hired since, may have been unreadable.
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

    -- As many unreadable rows as a week ago are nobody's who could be read then, but for those that
    -- can be read again.
    select
        unreadable_now.n_rows as n_unreadable,
        unreadable_before.n_rows as n_unreadable_before,
        unreadable_now.n_rows > unreadable_before.n_rows
        - least(readable_again.n_rows, unreadable_before.n_rows) as is_any_new
    from unreadable_now
    cross join unreadable_before
    cross join readable_again

),

compared as (

    -- A cell that was emptied may be a damaged one: what was known last stands.
    select
        employees.brid,
        employees.n_hr_rows,
        employees.ended_date,
        employees.known_status as employment_status,
        employees.employment_state,
        employees.employment_state in ('employed', 'on_leave') as is_employed,
        coalesce(employees.management_level, previous_week.management_level) as management_level,
        coalesce(employees.cost_center, previous_week.cost_center) as cost_center,
        coalesce(employees.department, previous_week.department) as department,
        coalesce(employees.job_title, previous_week.job_title) as job_title,
        coalesce(employees.worker_type, previous_week.worker_type) as worker_type,
        coalesce(employees.manager_brid, previous_week.manager_brid) as manager_brid,
        employees.known_hire_date as hire_date,
        coalesce(persona_sets.persona_set_id, '') as persona_set_id,
        previous_week.persona_set_id as last_persona_set_id,
        previous_week.last_whole_date,
        coalesce(
            employees.employment_state in ('employed', 'on_leave')
            and previous_week.is_employed
            and coalesce(persona_sets.persona_set_id, '') <> previous_week.persona_set_id
            and {{ dbt.datediff('previous_week.last_whole_date', as_of_date(), 'day') }}
            <= 7 * {{ var('quarantine_doubt_weeks') }}
            and (
                (employees.management_level is null and previous_week.management_level is not null)
                or (employees.cost_center is null and previous_week.cost_center is not null)
                or (employees.department is null and previous_week.department is not null)
                or (employees.job_title is null and previous_week.job_title is not null)
                or (employees.worker_type is null and previous_week.worker_type is not null)
                or (employees.manager_brid is null and previous_week.manager_brid is not null)
            ),
            false
        ) as is_emptied
    from employees
    left join persona_sets on employees.brid = persona_sets.brid
    left join previous_week on employees.brid = previous_week.brid

),

known as (

    -- Where the emptied cell took or gave personas, those of before stand, too, for some weeks.
    select
        brid,
        employment_status,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        manager_brid,
        hire_date,
        case when is_emptied then last_persona_set_id else persona_set_id end as persona_set_id,
        case when is_emptied then last_whole_date else {{ as_of_date() }} end as last_whole_date,
        {{ as_of_date() }} as last_read_date,
        cast(null as {{ dbt.type_bigint() }}) as n_unreadable_when_read,
        n_hr_rows,
        ended_date
    from compared

),

carried as (

    -- Or whoever has a damaged row would leave, and be hired again when it is readable. Where a row
    -- does not say whose it is, it may be that of whoever was there a week ago and is not now, or
    -- had more rows then.
    select
        previous_week.brid,
        previous_week.employment_status,
        previous_week.employment_state,
        previous_week.is_employed,
        previous_week.management_level,
        previous_week.cost_center,
        previous_week.department,
        previous_week.job_title,
        previous_week.worker_type,
        previous_week.manager_brid,
        previous_week.hire_date,
        previous_week.persona_set_id,
        previous_week.last_whole_date,
        case
            when named.brid is not null then {{ as_of_date() }}
            else previous_week.last_read_date
        end as last_read_date,
        case
            when named.brid is null
                then
                    coalesce(previous_week.n_unreadable_when_read, damage.n_unreadable_before)
        end as n_unreadable_when_read,
        previous_week.n_hr_rows,
        previous_week.ended_date
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

),

followed as (

    select
        known.brid,
        known.employment_status,
        known.employment_state,
        known.is_employed,
        known.management_level,
        known.cost_center,
        known.department,
        known.job_title,
        known.worker_type,
        known.manager_brid,
        known.hire_date,
        known.persona_set_id,
        known.last_whole_date,
        known.last_read_date,
        known.n_unreadable_when_read,
        known.n_hr_rows,
        known.ended_date
    from known
    left join carried on known.brid = carried.brid
    where carried.brid is null

    union all

    select * from carried

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.*
    from followed

)

select * from dated
