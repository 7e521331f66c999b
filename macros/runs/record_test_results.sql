{% macro record_test_results() %}
    {#-
    Records, with a build, the result of each test, one row for each: dbt itself keeps only the
    newest run. A data test that the build omitted is recorded as `not_run`; tests of code are not
    recorded.
    -#}
    {% do run_query(
        "create table if not exists runs.test_results (as_of_date date, invocation_id "
        ~ dbt.type_string() ~ ", test_name " ~ dbt.type_string() ~ ", test_kind " ~ dbt.type_string()
        ~ ", test_description " ~ dbt.type_string() ~ ", severity " ~ dbt.type_string() ~ ", test_status "
        ~ dbt.type_string() ~ ", n_failures integer)"
    ) %}
    {% set outcomes = {} %}
    {% for result in results if result.node.resource_type | string in ('test', 'unit_test') %}
        {% do outcomes.update({result.node.unique_id: result}) %}
    {% endfor %}
    {% set rows = [] %}
    {% for outcome in outcomes.values() %}
        {% do rows.append(test_result_row(
            outcome.node.name, outcome.node.resource_type | string, outcome.node.description,
            outcome.node.config.severity, outcome.status | string, outcome.failures
        )) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type == 'test' and node.unique_id not in outcomes and 'macro_unit_test' not in node.tags %}
        {% do rows.append(test_result_row(
            node.name, 'test', node.description, node.config.severity, 'not_run', none
        )) %}
    {% endfor %}
    {% if rows %}
        {% do run_query("insert into runs.test_results values " ~ rows | join(", ")) %}
    {% endif %}
{% endmacro %}


{% macro test_result_row(name, kind, description, severity, status, n_failures) -%}
    (
        {{ as_of_date() }}, '{{ invocation_id }}', '{{ name }}', '{{ kind }}',
        {{ text_literal((description or "") | trim) }},
        '{{ (severity or "error") | lower }}', '{{ status }}', {{ n_failures if n_failures is not none else 'null' }}
    )
{%- endmacro %}
