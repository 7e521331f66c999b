-- The people of the headcount, by attribute.
select
    attribute_name as attribute,
    attribute_value,
    n_people
from marts.fct_population_by_week
where as_of_date = {{ parameter.week }}
order by all
