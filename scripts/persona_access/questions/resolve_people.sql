-- How many people who work here have the level and the cost center of the proposed person.
select count(built_employees.brid) as people
from intermediate.int_employees as proposed
left join built_employees
    on
        lower(proposed.management_level) = lower(built_employees.management_level)
        and lower(proposed.cost_center) = lower(built_employees.cost_center)
        and built_employees.is_employed
