-- Extract dates on which every required feed, and each source of it that a week needs, has an
-- extract that is young enough.
with

ledger as (

    select
        feed,
        extract_date,
        version,
        coalesce(nullif(source, ''), feed) as source_name,
        coalesce(feed_sources, '') = '' as is_own_source,
        coalesce(required_sources, '') as required_sources
    from read_json({{ parameter.ledger }}, columns = {{ part.columns }})
    where load_status = 'loaded' and extract_date is not null

),

loads as (

    select
        feed,
        extract_date,
        version,
        source_name,
        case
            when is_own_source then [source_name]
            else list_filter(string_split(required_sources, ','), name -> name <> '')
        end as required_names
    from ledger

),

candidates as (

    select distinct extract_date as as_of_date from loads
    where
        feed = coalesce({{ parameter.week_feed }}, feed)
        -- Answers come on any day; a week is made by extracts.
        and not list_contains({{ parameter.accumulating }}, feed)

),

declared as (

    select
        candidates.as_of_date,
        loads.feed,
        arg_max(loads.required_names, (loads.extract_date, loads.version)) as required_names
    from candidates
    inner join loads on candidates.as_of_date >= loads.extract_date
    where list_contains({{ parameter.required }}, loads.feed)
    group by candidates.as_of_date, loads.feed

),

fresh as (

    select
        declared.as_of_date,
        declared.feed,
        declared.required_names,
        list(distinct loads.source_name) as source_names
    from declared
    inner join loads
        on
            declared.feed = loads.feed
            and loads.extract_date
            between declared.as_of_date - cast({{ parameter.max_age }} as integer)
            and declared.as_of_date
    group by declared.as_of_date, declared.feed, declared.required_names

)

select as_of_date
from fresh
where list_has_all(source_names, required_names)
group by as_of_date
having count(*) = len({{ parameter.required }})
order by as_of_date
