-- For how much access the registry has a date of last use: an empty date does not prove disuse.
select
    application_id,
    count(*) as n_held,
    count(last_used_date) as n_with_last_used,
    round(100.0 * count(last_used_date) / count(*), 1) as percent_covered,
    max(last_used_date) as newest_last_used,
    count(*) filter (where last_used_date < {{ parameter.week }} - {{ part.unused_days }})
        as n_unused_{{ part.unused_days }}_days
from marts.fct_access_reconciliation
where as_of_date = {{ parameter.week }} and is_granted
group by application_id
order by application_id
