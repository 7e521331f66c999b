-- The lines of a text; the header is line 1.
select
    row_number() over () + {{ part.line_offset }} as row_number,
    coalesce(raw_line, '') as raw_line
from read_csv(
    {{ part.text }}, auto_detect = false, header = false, columns = { 'raw_line': 'VARCHAR' },
    delim = {{ part.no_delimiter }}, quote = '', escape = '', max_line_size = 4194304
)
