{% macro duckdb__snapshot_get_time() -%}
    {#- Snapshots have business dates, not the wall clock. -#}
    cast('{{ fixed_as_of_date() }}' as timestamp)
{%- endmacro %}
