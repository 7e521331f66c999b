select
    file_name as persona_list_file,
    extract_date,
    version
from marts.fct_loads
where load_status = 'loaded' and file_name = {{ parameter.source_id }}
order by version desc
limit 1
