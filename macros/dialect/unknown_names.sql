{% macro unknown_names(relations) %}
    {#-
    The names in a column that are missing in its `config.meta.refers_to` (`model.column`). One
    query for all tables, in which each table that others refer to is read once, because each data
    test costs as much as a small table.
    -#}
    {%- set tables, columns, targets = {}, [], {} %}
    {%- for relation in relations if execute %}
        {%- set node = node_of(relation) %}
        {%- do tables.update({node.name: (relation, node)}) %}
        {%- for column in node.columns.values() if column.config.meta.refers_to is string %}
            {%- do columns.append((relation, node, column)) %}
            {%- do targets.update({column.config.meta.refers_to: 'known_' ~ (targets | length)}
                if column.config.meta.refers_to not in targets else {}) %}
        {%- endfor %}
    {%- endfor %}
    {{- "with" if targets }}
    {%- for target, known in targets.items() %}
    {%- set name, column = target.split('.') %}
    {{ known }} as (
        select {{ column }} as name
        from {{ tables[name][0] }}
        {{ where_week_was_built(tables[name][1]) }}
        group by {{ column }}
    ){{ "," if not loop.last }}
    {%- endfor %}
    {%- for relation, node, column in columns %}
    select
        '{{ node.name }}' as table_name,
        '{{ column.name }}' as column_name,
        '{{ column.config.meta.refers_to }}' as refers_to,
        count(*) as n_unknown,
        min(named.name) as example
    from (
        select {{ column.name }} as name
        from {{ relation }}
        {{ where_week_was_built(node) }}
        group by {{ column.name }}
    ) as named
    left join {{ targets[column.config.meta.refers_to] }} as known on named.name = known.name
    where named.name is not null and known.name is null
    having count(*) > 0
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
