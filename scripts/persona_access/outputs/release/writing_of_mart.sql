select node_id
from runs.written_tables
where as_of_date = cast({{ parameter.week }} as date) and node_id like '%.' || {{ parameter.mart }}
