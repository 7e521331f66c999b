-- What the build read.
select
    input_kind,
    input_name,
    input_value,
    sha256
from runs.week_inputs
where invocation_id = {{ parameter.invocation_id }}
order by input_kind, input_name
