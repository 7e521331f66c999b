{% macro record_week() %}
    {#-
    Runs at the end of a complete `dbt build` and records whether the whole week was built. A build
    of a selection proves nothing about the week, so it is not recorded.
    -#}
    {% if execute and flags.WHICH == 'build' and not flags.EMPTY and not invocation_args_dict.get('select') %}
        {% set counts = {'error': 0, 'fail': 0, 'warn': 0, 'skipped': 0} %}
        {% for result in results if result.status | string in counts %}
            {% do counts.update({result.status | string: counts[result.status | string] + 1}) %}
        {% endfor %}
        {#- Otherwise, a table could still have the columns of an earlier release, and only that
        error would be shown. -#} {% set is_all_written = counts.error + counts.skipped == 0 %} {%
        do counts.update({'skipped': counts.skipped + nodes_left_out() | length}) %} {% do
        open_week_builds() %} {% do run_query(
            "insert into runs.week_builds values (" ~ as_of_date() ~ ", '" ~ invocation_id
            ~ "', cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')
            ~ "' as timestamp), " ~ (counts.error + counts.fail + counts.skipped == 0) | string | lower
            ~ ", " ~ results | length ~ ", " ~ counts.error ~ ", " ~ counts.fail ~ ", " ~ counts.warn
            ~ ", " ~ counts.skipped ~ ")"
        ) %}
        {% do record_week_inputs() %}
        {% do record_test_results() %}
        {% if is_all_written %}
            {% do record_mart_hashes() %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro open_week_builds() %}
    {#- If dbt checked whether the table exists, DuckDB would stay in a transaction. -#}
    {% do run_query(
        "create table if not exists runs.week_builds (as_of_date date, invocation_id "
        ~ dbt.type_string() ~ ", started_at timestamp, is_complete boolean, n_nodes integer, "
        ~ "n_errors integer, n_failures integer, n_warnings integer, n_skipped integer)"
    ) %}
{% endmacro %}


{% macro nodes_left_out() %}
    {#-
    Nodes that `--exclude` and similar options omitted. Such a build does not count as complete,
    regardless of the other results. Unit tests, also those of macros, do not count: they test the
    code, not the week. Neither do ephemeral models, which are part of the models that read them.
    -#}
    {% set ran = results | map(attribute='node.unique_id') | list %}
    {% set left_out = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ('seed', 'model', 'snapshot', 'test') %}
        {% if node.unique_id not in ran and 'macro_unit_test' not in node.tags and node.config.materialized != 'ephemeral' %}
            {% do left_out.append(node.unique_id) %}
        {% endif %}
    {% endfor %}
    {{ return(left_out) }}
{% endmacro %}
