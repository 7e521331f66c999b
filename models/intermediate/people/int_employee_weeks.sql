{% set previous_date = previous_as_of_date(this) %}

with

employees as (

    select
        brid,
        employment_state,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type
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

    select line_as_delivered from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'hr_headcount' and brid is null
    group by 1

),

rows_without_brid as (

    select line_as_delivered from quarantined_rows
    where brid is null

    union all

    select brid_as_delivered as line_as_delivered from {{ ref('stg_hr__employees') }}
    where brid is null

),

damage as (

    -- A row that nobody could read a week ago, either, is nobody's who could be read then.
    select
        count(*) > 0 as is_any_unreadable,
        coalesce(bool_or(quarantined_before.line_as_delivered is null), false) as is_any_new
    from rows_without_brid
    left join quarantined_before
        on rows_without_brid.line_as_delivered = quarantined_before.line_as_delivered

),

named as (

    select brid from quarantined_rows
    where brid is not null
    group by 1

),

previous_week as (

    select
        brid,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        persona_set_id,
        coalesce(last_read_date, as_of_date) as last_read_date,
        coalesce(last_read_date < as_of_date, false) as was_in_doubt
    from {{ this }}
    where as_of_date = {{ previous_date }}

),

known as (

    select
        employees.brid,
        employees.employment_state,
        employees.employment_state in ('employed', 'on_leave') as is_employed,
        employees.management_level,
        employees.cost_center,
        employees.department,
        employees.job_title,
        employees.worker_type,
        coalesce(persona_sets.persona_set_id, '') as persona_set_id,
        {{ as_of_date() }} as last_read_date
    from employees
    left join persona_sets on employees.brid = persona_sets.brid

),

carried as (

    -- Or whoever has a damaged row would leave, and be hired again when it is readable. Where a row
    -- does not say whose it is, it may be that of whoever was there a week ago and is not now.
    select
        previous_week.*,
        case when named.brid is not null then {{ as_of_date() }} end as named_date
    from previous_week
    cross join damage
    left join employees on previous_week.brid = employees.brid
    left join named on previous_week.brid = named.brid
    where
        named.brid is not null
        or (
            employees.brid is null
            and previous_week.employment_state is distinct from 'ended'
            and damage.is_any_unreadable
            and (damage.is_any_new or previous_week.was_in_doubt)
            and {{ dbt.datediff('previous_week.last_read_date', as_of_date(), 'day') }}
            <= 7 * {{ var('quarantine_doubt_weeks') }}
        )

),

followed as (

    select
        known.brid,
        known.employment_state,
        known.is_employed,
        known.management_level,
        known.cost_center,
        known.department,
        known.job_title,
        known.worker_type,
        known.persona_set_id,
        known.last_read_date
    from known
    left join carried on known.brid = carried.brid
    where carried.brid is null

    union all

    select
        brid,
        employment_state,
        is_employed,
        management_level,
        cost_center,
        department,
        job_title,
        worker_type,
        persona_set_id,
        coalesce(named_date, last_read_date) as last_read_date
    from carried

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        followed.*
    from followed

)

select * from dated
