insert into faults
select
    staged.row_number,
    {{ parameter.column_name }},
    staged.{{ part.brid }},
    'row_incomplete',
    'The row has nothing but a BRID: it is a total or trailer, or it was cut.',
    trim(staged.{{ part.brid }}),
    null,
    null,
    'row',
    null
from {{ part.rows }} as staged
where
    {{ part.is_empty }}
    and {{ part.is_brid }}
    and staged.row_number not in (select earlier.row_number from faults as earlier)
