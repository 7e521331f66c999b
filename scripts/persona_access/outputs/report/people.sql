select
    * replace (
        coalesce(
            manager_brid, case when is_in_hr then '(none)' else '(not in HR)' end
        ) as manager_brid
    ),
    (unresolved_reason is not null) as has_no_persona
from rpt_people
