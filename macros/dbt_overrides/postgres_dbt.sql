{#-
dbt's own macros where dbt-postgres has none that fits: see docs/postgres.md.
-#}

{% macro postgres__snapshot_get_time() -%}
    {{ duckdb__snapshot_get_time() }}
{%- endmacro %}
