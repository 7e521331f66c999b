{% macro create_self_reading_tables() %}
    {#-
    A fact that compares itself with last week needs itself to exist, in its first week and in its
    unit tests. It is made empty, from its contract, where it does not exist yet. Tables of an older
    contract come first: one that holds no other week is dropped, and rebuilt here. With `--defer`
    an empty table would hide the one of the other warehouse, so only what is built is made.
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
