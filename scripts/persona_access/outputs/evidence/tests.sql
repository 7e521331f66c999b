-- The tests of the build, with their results.
select
    test_name,
    test_kind,
    severity,
    test_status,
    n_failures,
    test_description
from runs.test_results
where invocation_id = {{ parameter.invocation_id }}
order by test_kind, test_name
