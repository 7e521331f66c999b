select max(input_value) as commit_id
from runs.week_inputs
where
    invocation_id = {{ parameter.build }}
    and input_kind = 'run'
    and input_name = 'commit'
