insert into bad_values
select
    staged.row_number,
    {{ parameter.place }},
    {{ parameter.column_name }},
    staged.{{ part.value }},
    'date_contradicts',
    format(
        '{} is ''{}'', {}. The value is left out; the row counts.',
        {{ parameter.column_name }}, shown(staged.{{ part.value }}), contradictions.complaint
    ),
    false,
    staged.key_of_brid,
    staged.key_of_application_id,
    staged.key_of_account_id
from rows_with_keys as staged
inner join contradictions on staged.row_number = contradictions.row_number
where
    contradictions.column_name = {{ parameter.column_name }}
    and staged.row_number not in (select earlier.row_number from faults as earlier)
