select
    test_name,
    test_status
from runs.test_results
where invocation_id = {{ parameter.build }} and test_kind = 'test'
order by test_name
