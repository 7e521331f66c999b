select
    attribute_value as reason,
    n_people as people
from marts.fct_population_by_week
where as_of_date = {{ parameter.week }} and attribute_name = 'without a persona because'
order by people desc, reason
