{% macro employee_keys() -%}
    {#- The CTE `employees`: one row per employed person with the values that keys of mappings compare. -#}
looked_at as (

    -- Attributes that no mapping uses would only separate people with the same answer.
    select coalesce(bool_or(looks_at like '%manager_brid%'), false) as has_managers
    from {{ ref('stg_decisions__pretrained_mappings') }}

),

employees as (

    select
        people.brid,
        coalesce({{ lower_case('people.management_level') }}, '') as management_level_key,
        coalesce({{ lower_case('people.cost_center') }}, '') as cost_center_key,
        coalesce({{ compared_text('people.department') }}, '') as department_key,
        coalesce({{ compared_text('people.job_title') }}, '') as job_title_key,
        coalesce({{ lower_case('people.worker_type') }}, '') as worker_type_key,
        case
            when looked_at.has_managers then coalesce(people.manager_brid, '')
            else ''
        end as manager_key,
        coalesce(people.attributes_key, '') as attributes_key,
        people.hire_date
    from {{ ref('int_employees') }} as people
    cross join looked_at
    where people.is_employed

)
{%- endmacro %}
