{% macro create_self_reading_tables() %}
    {#-
    A fact that compares itself with last week must already exist in its first week and in its unit
    tests. If it does not exist, it is created empty from its contract. Tables of an older contract
    come first: one without other weeks is dropped and recreated here. With `--defer`, an empty
    table would hide the one of the other warehouse, so only built tables are created.
    -#}
    {% do fit_weekly_tables() %}
    {% set is_deferred = invocation_args_dict.get("defer") %}
    {% for node in graph.nodes.values() if node.config.meta.reads_itself and (not is_deferred or node.unique_id in selected_resources) %}
        {% set relation = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias, type='table'
        ) %}
        {% if adapter.get_relation(relation.database, relation.schema, relation.identifier) is none %}
            {% set columns = [] %}
            {% for column in node.columns.values() %}
                {% do columns.append(
                    column.name ~ " " ~ api.Column.translate_type(column.data_type)
                    ~ (" not null" if column.constraints | selectattr('type', 'equalto', 'not_null') | list else "")
                ) %}
            {% endfor %}
            {% do run_query("create schema if not exists " ~ relation.schema) %}
            {% do run_query("create table " ~ relation ~ " (" ~ columns | join(", ") ~ ") " ~ partitioned_by_week()) %}
            {% do adapter.cache_added(relation) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
