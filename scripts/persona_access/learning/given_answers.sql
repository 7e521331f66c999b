insert into answers_as_given
select
    decision_id,
    brid,
    persona_id,
    persona_verdict,
    answered_date
from reporting.rpt_reviewed_personas
