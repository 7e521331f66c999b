{% macro unknown_words(relations) %}
    {#-
    The words in a column that are not in its `config.meta.vocabulary`. One query for all tables,
    because each data test costs as much as a small table.
    -#}
    {%- set columns = [] %}
    {%- for relation in relations if execute %}
        {%- set node = node_of(relation) %}
        {%- for column in node.columns.values() if column.config.meta.vocabulary %}
            {%- do columns.append((relation, node, column)) %}
        {%- endfor %}
    {%- endfor %}
    {%- for relation, node, column in columns %}
    select
        '{{ node.name }}' as table_name,
        '{{ column.name }}' as column_name,
        {{ column.name }} as word,
        count(*) as n_rows
    from (
        select {{ column.name }}
        from {{ relation }}
        {{ where_week_was_built(node) }}
    ) as of_week
    where {{ column.name }} not in ('{{ column.config.meta.vocabulary | join("', '") }}')
    group by {{ column.name }}
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
