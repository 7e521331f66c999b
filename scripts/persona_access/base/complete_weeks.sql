-- Extract dates on which every required feed, and each source of it that a week needs, has an
-- extract that is young enough: the same definition as the macro complete_weeks.
with

ledger as (

    select
        feed,
        extract_date,
        version,
        coalesce(nullif(source, ''), feed) as source_name,
        coalesce(feed_sources, '') = '' as is_own_source,
        coalesce(max_age_days, {{ parameter.max_age }}) as max_age_days,
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
        max_age_days,
        case
            when is_own_source then [source_name]
            else list_filter(string_split(required_sources, ','), name -> name <> '')
        end as required_names
    from ledger

),

candidates as (

    select
        extract_date as as_of_date,
        min(max_age_days) as max_age_days
    from loads
    where
        feed = coalesce({{ parameter.week_feed }}, feed)
        -- Answers come on any day; a week is made by extracts.
        and not list_contains({{ parameter.accumulating }}, feed)
    group by extract_date

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
        list(distinct loads.source_name) filter (
            where date_diff('day', loads.extract_date, declared.as_of_date) <= loads.max_age_days
        ) as source_names
    from declared
    inner join loads
        on declared.feed = loads.feed and declared.as_of_date >= loads.extract_date
    group by declared.as_of_date, declared.feed, declared.required_names

),

complete as (

    select as_of_date
    from fresh
    where list_has_all(coalesce(source_names, []), required_names)
    group by as_of_date
    having count(*) = len({{ parameter.required }})

),

rated as (

    select
        complete.as_of_date,
        candidates.max_age_days,
        max(complete.as_of_date) filter (where candidates.max_age_days <= {{ parameter.max_age }})
            over (
                order by complete.as_of_date
                rows between unbounded preceding and 1 preceding
            ) as week_before
    from complete
    inner join candidates on complete.as_of_date = candidates.as_of_date

)

select as_of_date
from rated
where
    max_age_days <= {{ parameter.max_age }}
    or week_before is null
    or date_diff('day', week_before, as_of_date) > max_age_days
order by as_of_date
