insert into reviews_as_written
select
    brid,
    persona_id,
    verdict,
    valid_from,
    valid_to,
    approved_by,
    approved_on
from read_csv(
    {{ parameter.file }}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'
)
