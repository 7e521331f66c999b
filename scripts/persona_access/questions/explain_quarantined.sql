select
    feed,
    file_name as file,
    row_number as line,
    quarantine_reason as reason,
    message
from marts.fct_quarantined_rows
where as_of_date = {{ parameter.week }} and brid = {{ parameter.brid }}
order by feed, file_name, row_number
