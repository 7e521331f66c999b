{% macro broken_keys(relations) %}
    {#-
    The tables whose rows do not have the key of their `config.meta.key`: twice the same, or null. One
    query for a layer, because each data test costs as much as a small table. Of weekly tables only the
    week of this build is read.
    -#}
    {%- for relation in relations if execute %}
        {%- for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') and node.schema == relation.schema and node.alias == relation.identifier %}
            {%- set key = node.config.meta.key | join(', ') %}
    select
        '{{ node.name }}' as table_name,
        '{{ key }}' as key_columns,
        count(*) as n_broken
    from (
        select {{ key }}
        from {{ relation }}
        {%- if node.config.materialized == 'weekly' %}
        where as_of_date = {{ as_of_date() }}
        {%- endif %}
        group by {{ key }}
        having
            count(*) > 1
            {%- for column in node.config.meta.key if column not in (node.config.meta.key_may_be_null or []) %}
            or count({{ column }}) = 0
            {%- endfor %}
    ) as broken
    having count(*) > 0
        {%- endfor %}
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
