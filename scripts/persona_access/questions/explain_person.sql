-- The dimensions keep only the week computed last; the facts keep every week.
select
    brid,
    as_of_date,
    full_name,
    work_email,
    employment_status,
    employment_state,
    is_employed,
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
    persona_ids,
    unresolved_reason,
    n_applications,
    has_no_access,
    has_hr_conflict,
    manager_name
from reporting.rpt_people
where brid = {{ parameter.brid }} and is_in_hr
