{% macro forget_weeks_before(week) %}
    {#-
    Removes earlier weeks from the weekly tables, and periods that ended before the week from the
    snapshots. Trends, and other tables that declare it in their meta, are kept completely or for
    the declared rows.
    -#}
    {% do refuse_outside_copies('forget_weeks_before', 'persona-access prune') %}
    {% set first_day = "cast('" ~ week ~ "' as date)" %}
    {% for node in graph.nodes.values() if node.config.materialized in ('weekly', 'snapshot') and not node.config.meta.is_kept_beyond_retention %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation and node.config.materialized == 'weekly' %}
            {% set kept = node.config.meta.kept_beyond_retention_where or 'false' %}
            {% set texts = namespace(kept=kept | replace('__this__', relation | string) | replace('__week__', first_day)) %}
            {% for other in graph.nodes.values() if '__' ~ other.name ~ '__' in kept %}
                {% set named = api.Relation.create(database=other.database, schema=other.schema, identifier=other.alias) %}
                {% set texts.kept = texts.kept | replace('__' ~ other.name ~ '__', named | string) %}
            {% endfor %}
            {% do run_query("delete from " ~ relation ~ " as old where old.as_of_date < " ~ first_day ~ " and not (" ~ texts.kept ~ ")") %}
        {% elif relation %}
            {% do run_query("delete from " ~ relation ~ " where dbt_valid_to <= cast('" ~ week ~ "' as timestamp)") %}
        {% endif %}
    {% endfor %}
    {% do run_query("delete from runs.week_builds where as_of_date < " ~ first_day) %}
    {% do adapter.commit() %}
{% endmacro %}
