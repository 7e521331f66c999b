insert into contradictions
with

read_otherwise as (

    select
        column_name,
        delivered
    from readings

)

select
    staged.row_number,
    {{ parameter.column_name }},
    'before ' || {{ parameter.start_name }} || ', so it is not an end'
from {{ part.rows }} as staged
anti join read_otherwise as ends
    on ends.column_name = {{ parameter.column_name }} and staged.{{ part.ends }} = ends.delivered
anti join read_otherwise as starts
    on
        starts.column_name = {{ parameter.start_name }}
        and staged.{{ part.starts }} = starts.delivered
where staged.{{ part.ends }}[:10] < staged.{{ part.starts }}[:10]
