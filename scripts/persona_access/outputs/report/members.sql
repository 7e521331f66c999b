select {{ part.columns }}
from fct_persona_assignments as assignments
inner join persona_numbers using (persona_id)
left join rpt_people using (brid)
where
    assignments.as_of_date = (select week.as_of_date from week)
    and assignments.assignment_method <> 'baseline'
