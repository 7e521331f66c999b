with

open_findings as (

    select
        brid,
        application_id,
        risk_level,
        due_date as finding_due_date,
        is_overdue,
        reviewer_brid
    from rpt_findings
    where finding_state = 'open'

)

select {{ part.columns }}
from fct_access_reconciliation as access
inner join application_numbers using (application_id)
left join rpt_people using (brid)
left join open_findings using (brid, application_id)
where
    access.as_of_date = (select week.as_of_date from week)
    and access.reconciliation_status <> 'match'
