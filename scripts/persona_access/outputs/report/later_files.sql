select
    extract_date,
    string_agg(distinct feed, ', ' order by feed)
from fct_loads
where load_status = 'loaded' and extract_date > (select week.as_of_date from week)
group by extract_date
order by extract_date
