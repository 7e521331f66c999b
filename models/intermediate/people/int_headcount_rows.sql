{% set columns = [
    'brid', 'brid_as_delivered', 'full_name', 'work_email', 'employment_status', 'worker_type',
    'management_level', 'cost_center', 'cost_center_name', 'department', 'job_title',
    'manager_brid', 'location', 'hire_date', 'attributes', 'is_source_late', 'load_id',
    'file_name', 'row_number', 'extract_date'
] %}
with

employees as (

    select * from {{ ref('stg_hr__employees') }}
    where brid is not null

),

read_as_before as (

    select * from {{ ref('int_rows_read_as_before') }}
    where as_of_date = {{ as_of_date() }} and feed = 'hr_headcount'

),

headcount_rows as (

    -- The last known first day and status word are kept for longer than a week: see
    -- int_employees_ranked.
    select
        {% for column in columns %}
            employees.{{ column }},
        {% endfor %}
        {{ as_before('known_end_date', 'employees.termination_date') }} as termination_date
    from employees
    left join read_as_before
        on
            employees.file_name = read_as_before.file_name
            and employees.row_number = read_as_before.row_number

)

select * from headcount_rows
