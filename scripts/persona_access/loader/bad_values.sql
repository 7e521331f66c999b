insert into bad_values
select
    staged.row_number,
    {{ parameter.place }},
    {{ parameter.column_name }},
    staged.{{ part.value }},
    found.reason,
    found.message,
    found.takes_row,
    staged.key_of_brid,
    staged.key_of_application_id,
    staged.key_of_account_id
from rows_with_keys as staged
inner join readings as found on staged.{{ part.value }} is not distinct from found.delivered
where
    found.column_name = {{ parameter.column_name }}
    and found.reason is not null
    and staged.row_number not in (select earlier.row_number from faults as earlier)
