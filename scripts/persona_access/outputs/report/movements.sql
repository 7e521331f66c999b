select
    fct_movements.*,
    names.full_name
from fct_movements
left join names using (brid)
where fct_movements.as_of_date <= (select week.as_of_date from week)
