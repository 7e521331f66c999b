-- People who hold access that nobody should hold alone, with the approved mitigating control if
-- there is one.
select
    sod_rule_id,
    sod_rule_name,
    severity,
    owner_brid,
    brid,
    held_of_a,
    held_of_b,
    is_by_design,
    violation_state,
    mitigating_control,
    mitigated_until,
    opened_date,
    n_days_open
from marts.fct_sod_violations
where as_of_date = {{ parameter.week }}
order by sod_rule_id, brid
