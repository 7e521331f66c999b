insert into faults
with

labels as (

    select
        unnest({{ parameter.numbers }}) as row_number,
        unnest({{ parameter.messages }}) as message

)

select
    row_number,
    {{ parameter.column_name }},
    staged.{{ part.first }},
    'label_row',
    labels.message,
    null,
    null,
    null,
    'row',
    null
from labels
inner join {{ part.rows }} as staged using (row_number)
