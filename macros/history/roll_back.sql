{% macro roll_back(week) %}
    {#-
    Takes the warehouse back to the moment before a week was built for the first time: the rows of
    that week and of all later ones leave the weekly tables, and the snapshots forget what they saw
    since. Tables that hold one week alone are made again by the next build.
    -#}
    {% for node in graph.nodes.values() %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) if node.config.materialized in ('weekly', 'snapshot') %}
        {% if relation and node.config.materialized == 'weekly' %}
            {% do run_query("delete from " ~ relation ~ " where as_of_date >= cast('" ~ week ~ "' as date)") %}
        {% elif relation %}
            {% do run_query(forget_snapshot_since(relation, week)) %}
        {% endif %}
    {% endfor %}
    {% do run_query("delete from runs.week_builds where as_of_date >= cast('" ~ week ~ "' as date)") %}
    {% do adapter.commit() %}
{% endmacro %}


{% macro forget_this_week(relation) %}
    {#-
    Before a snapshot is taken: whatever an earlier build of the same week wrote is taken back, so
    that building a week again leaves what building it once would have left.
    -#}
    {%- if execute and load_relation(relation) is not none -%}
        {{ forget_snapshot_since(relation, fixed_as_of_date()) }}
    {%- endif -%}
{% endmacro %}


{% macro forget_snapshot_since(relation, week) -%}
    delete from {{ relation }} where dbt_valid_from >= cast('{{ week }}' as timestamp);
    update {{ relation }} set dbt_valid_to = {{ still_valid() }}
    where dbt_valid_to >= cast('{{ week }}' as timestamp) and dbt_valid_to <> {{ still_valid() }};
{%- endmacro %}


{% macro still_valid() -%}
    {#- The end of what stands: a date that compares, where null would not. -#}
    cast('9999-12-31' as timestamp)
{%- endmacro %}
