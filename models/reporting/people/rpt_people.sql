with

counts as (

    select * from {{ ref('fct_reconciliation_by_employee') }}

),

employees as (

    select * from {{ ref('dim_employees') }}

),

managers as (

    select
        brid,
        full_name
    from {{ ref('dim_employees') }}

),

described as (

    -- All people of HR and IAM; an account without a person has no attributes.
    select
        counts.as_of_date,
        counts.brid,
        employees.full_name,
        employees.work_email,
        employees.employment_status,
        coalesce(employees.employment_state, 'not_in_hr') as employment_state,
        counts.is_in_hr,
        counts.is_employed,
        employees.worker_type,
        employees.management_level,
        employees.cost_center,
        employees.cost_center_name,
        employees.department,
        employees.job_title,
        employees.manager_brid,
        managers.full_name as manager_name,
        employees.location,
        employees.hire_date,
        employees.termination_date,
        employees.attributes,
        employees.persona_ids,
        counts.unresolved_reason,
        employees.n_applications,
        counts.has_no_access,
        coalesce(employees.has_hr_conflict, false) as has_hr_conflict,
        {% for name in status_count_names() %}
            counts.{{ name }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from counts
    left join employees on counts.brid = employees.brid
    left join managers on employees.manager_brid = managers.brid

)

select * from described
