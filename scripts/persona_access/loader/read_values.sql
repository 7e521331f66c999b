-- Most of the time that a small file takes is planning this, and a parameter would double it.
insert into readings
with

cleaned_values as (

    select
        delivered,
        n_rows,
        case when {{ part.may_be_unclean }} then {{ part.cleaned }} else delivered end as cleaned
    from distinct_values

),

dated as (

    select
        *,
        coalesce(lower(cleaned) in ({{ part.nothing }}), false) as is_nothing,
        case when is_nothing then null else cleaned end as value,
        {{ part.day_of_value }} as day,
        coalesce(day in ({{ part.dates_for_nothing }}), false) as is_date_for_nothing
    from cleaned_values

),

decided as (

    select
        *,
        {{ part.fault_of_value }} as fault
    from dated

)

select
    {{ part.column_name }},
    delivered,
    case
        when fault is not null or is_date_for_nothing then null
        else {{ part.reading_of_value }}
    end as reading,
    n_rows,
    (cleaned is distinct from delivered) as is_cleaned,
    is_nothing,
    is_date_for_nothing,
    fault['reason'],
    format(fault['message'], shown(cleaned)),
    fault['takes_row']
from decided
where fault is not null or reading is distinct from delivered
