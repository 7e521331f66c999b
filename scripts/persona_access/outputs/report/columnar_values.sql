create or replace temp table {{ part.table }} as
with

distinct_values as (

    select distinct
        _group,
        {{ part.coded_column }} as _value
    from _rows

)

select
    _group,
    _value,
    row_number() over (partition by _group order by _value) as _code
from distinct_values
where _value is not null;

create or replace temp view {{ part.table }}_listed as
select
    _group,
    list(_value order by _code) as listed
from {{ part.table }}
group by _group
