select
    as_of_date as week,
    n_employees as employees,
    n_unresolved_employees as unresolved,
    n_match as match,
    n_missing as missing,
    n_excess as excess,
    n_unassessed as unassessed,
    n_open as open_findings,
    n_overdue as overdue_findings,
    n_suspended as suspended_findings,
    match_rate as required_in_place,
    excess_rate,
    n_opened as opened,
    n_closed as closed,
    n_duty_violations as duty_violations,
    n_duty_violations_mitigated as duty_violations_mitigated
from reporting.rpt_week_figures
where as_of_date <= {{ parameter.week }}
order by as_of_date
