{% macro forget_weeks_before(week) %}
    {#-
    Removes the weeks before a week from the weekly tables, and what had ended by then from the
    snapshots. Trends, and whatever else says so in its meta, are kept whole.
    -#}
    {% for node in graph.nodes.values() if node.config.materialized in ('weekly', 'snapshot') and not node.config.meta.is_kept_beyond_retention %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation and node.config.materialized == 'weekly' %}
            {% do run_query("delete from " ~ relation ~ " where as_of_date < cast('" ~ week ~ "' as date)") %}
        {% elif relation %}
            {% do run_query("delete from " ~ relation ~ " where dbt_valid_to <= cast('" ~ week ~ "' as timestamp)") %}
        {% endif %}
    {% endfor %}
    {% do run_query("delete from runs.week_builds where as_of_date < cast('" ~ week ~ "' as date)") %}
    {% do adapter.commit() %}
{% endmacro %}
