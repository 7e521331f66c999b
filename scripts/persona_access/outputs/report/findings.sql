with

causes as (

    select
        finding_id,
        cause_id
    from fct_finding_causes
    where as_of_date = (select week.as_of_date from week)

)

select
    rpt_findings.*,
    causes.cause_id
from rpt_findings
left join causes using (finding_id)
