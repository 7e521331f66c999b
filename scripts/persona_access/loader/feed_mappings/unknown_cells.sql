with

cells as (

    select trim(unnest([{{ part.cells }}])) as cell
    from {{ part.rows }}

),

classified as (

    select
        cell,
        cell <> '' and not list_contains({{ parameter.known }}, lower(cell)) as is_unknown
    from cells

)

select
    count(*) filter (where is_unknown),
    list(distinct cell) filter (where is_unknown),
    count(*) filter (where cell <> '')
from classified
