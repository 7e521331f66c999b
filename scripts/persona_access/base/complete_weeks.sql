-- Extract dates on which every required feed has an extract that is young enough.
with

loads as (

    select
        feed,
        extract_date
    from read_json({{ parameter.ledger }}, columns = {{ part.columns }})
    where load_status = 'loaded'

),

candidates as (

    select distinct extract_date from loads
    where
        feed = coalesce({{ parameter.week_feed }}, feed)
        -- Answers come on any day; a week is made by extracts.
        and not list_contains({{ parameter.accumulating }}, feed)

)

select candidates.extract_date
from candidates
inner join loads
    on
        loads.extract_date
        between candidates.extract_date - cast({{ parameter.max_age }} as integer)
        and candidates.extract_date
where list_contains({{ parameter.required }}, loads.feed)
group by candidates.extract_date
having count(distinct loads.feed) = len({{ parameter.required }})
order by candidates.extract_date
