select
    {{ parameter.load_id }} as load_id,
    {{ parameter.feed }} as feed,
    {{ parameter.extract_date }}::date as extract_date,
    {{ parameter.version }}::bigint as version,
    {{ parameter.file_name }} as file_name,
    row_number,
    column_name,
    value,
    reason,
    message,
    brid,
    application_id,
    account_id,
    quarantined_part,
    raw_line
from faults
order by row_number, quarantined_part, column_name
