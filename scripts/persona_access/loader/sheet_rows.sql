-- Rows without any value are empty lines of the sheet.
with

numbered as (

    select
        {{ part.columns }},
        row_number() over () + {{ part.rows_before }} as row_number,
        {{ part.has_value }} as is_filled
    from {{ part.cells }}

)

select * exclude (is_filled) from numbered
where is_filled
