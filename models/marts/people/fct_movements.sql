{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

employees as (

    select * from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

previous_employees as (

    select * from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ previous_date }}

),

brids as (

    select
        brid,
        was_in_hr,
        was_hr_row_unreadable
    from {{ ref('int_brids') }}

),

access_counts as (

    select * from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }}

),

compared as (

    select
        brid,
        coalesce(employees.is_employed, false) as is_employed,
        coalesce(previous_employees.is_employed, false) as was_employed,
        employees.employment_state,
        previous_employees.employment_state as previous_employment_state,
        employees.management_level,
        previous_employees.management_level as previous_management_level,
        employees.cost_center,
        previous_employees.cost_center as previous_cost_center,
        nullif(employees.persona_set_id, '') as persona_ids,
        nullif(previous_employees.persona_set_id, '') as previous_persona_ids
    from employees
    full join previous_employees using (brid)

),

moved as (

    select
        compared.*,
        case
            when compared.is_employed and not compared.was_employed
                then
                    case
                        when compared.previous_employment_state = 'ended' then 'rehire'
                        -- Missing a week ago because of a damaged row, so not a known joiner.
                        when
                            compared.previous_employment_state is null
                            and coalesce(brids.was_hr_row_unreadable, false)
                            then null
                        -- Absent last week, but present in an earlier one.
                        when
                            compared.previous_employment_state is null
                            and coalesce(brids.was_in_hr, false)
                            then 'rehire'
                        else 'joiner'
                    end
            when not compared.is_employed and compared.was_employed then 'leaver'
            -- A cell that was empty until now is not a move, nor is a name in different capitals.
            when
                compared.is_employed
                and (
                    {{ lower_case('compared.management_level') }}
                    <> {{ lower_case('compared.previous_management_level') }}
                    or {{ lower_case('compared.cost_center') }}
                    <> {{ lower_case('compared.previous_cost_center') }}
                )
                then 'mover'
        end as movement_type
    from compared
    left join brids on compared.brid = brids.brid
    where {{ previous_date }} is not null

),

counted as (

    select
        {{ as_of_date() }} as as_of_date,
        moved.brid,
        moved.movement_type,
        (
            moved.movement_type = 'leaver' and moved.employment_state is null
        ) as is_gone_from_hr_file,
        moved.previous_management_level,
        moved.management_level,
        moved.previous_cost_center,
        moved.cost_center,
        moved.previous_persona_ids,
        moved.persona_ids,
        (moved.previous_persona_ids is distinct from moved.persona_ids) as is_persona_changed,
        cast(coalesce(access_counts.n_match, 0) as {{ dbt.type_int() }}) as n_match,
        cast(coalesce(access_counts.n_missing, 0) as {{ dbt.type_int() }}) as n_missing,
        cast(coalesce(access_counts.n_excess, 0) as {{ dbt.type_int() }}) as n_excess,
        cast(coalesce(access_counts.n_unassessed, 0) as {{ dbt.type_int() }}) as n_unassessed
    from moved
    left join access_counts on moved.brid = access_counts.brid
    where moved.movement_type is not null

)

select * from counted
