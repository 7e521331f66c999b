select
    file_name as file,
    row_number as line,
    brid_as_delivered,
    is_chosen as counts,
    employment_state,
    management_level,
    cost_center,
    hire_date,
    termination_date
from marts.fct_hr_conflicts
where as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
order by is_chosen desc, file_name, row_number
