{% macro get_where_subquery(relation) -%}
    {#-
    dbt's own macro, with one addition: a test's `where` can contain __as_of_date__, because YAML
    cannot call macros. Tests of weekly facts check the week that was built, not the whole history.
    -#}
    {%- set where = config.get('where', '') -%}
    {%- if where -%}
        (
            select *
            from {{ relation }}
            where {{ where | replace('__as_of_date__', as_of_date()) }}
        ) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
