{% macro broken_keys(relations) %}
    {#-
    The tables whose rows break the key in their `config.meta.key`, by a duplicate or a null. One
    query for each layer, because each data test costs as much as a small table.
    -#}
    {%- for relation in relations if execute %}
        {%- set node = node_of(relation) %}
        {%- set key = node.config.meta.key %}
    select
        '{{ node.name }}' as table_name,
        '{{ key | join(', ') }}' as key_columns,
        count(*) as n_broken,
        min(example) as example
    from (
        select concat_ws(' / ' {%- for column in key %}, cast({{ column }} as {{ dbt.type_string() }}) {%- endfor %}) as example
        from {{ relation }}
        {{ where_week_was_built(node) }}
        group by {{ key | join(', ') }}
        having
            count(*) > 1
            {%- for column in key if column not in (node.config.meta.key_may_be_null or []) %}
            or count({{ column }}) = 0
            {%- endfor %}
    ) as broken
    having count(*) > 0
    {{- "\n    union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}


{% macro node_of(relation) %}
    {#- The model or snapshot of a relation. Each access to `graph.nodes` creates a dictionary of
    the node. -#} {% set name = project_name ~ '.' ~ relation.identifier %} {{
    return(graph.nodes.get('model.' ~ name) or graph.nodes['snapshot.' ~ name]) }}
{% endmacro %}


{% macro where_week_was_built(node) -%}
    {#- In weekly tables, a test reads only the week of this build: the others were tested in
    theirs. -#} {%- set has_weeks = node.config.materialized == 'weekly' or node.schema in ('marts',
    'reporting') -%} {%- if has_weeks and 'as_of_date' in node.columns and not
    node.config.meta.is_tested_whole -%}
        where as_of_date = {{ as_of_date() }}
    {%- endif -%}
{%- endmacro %}
