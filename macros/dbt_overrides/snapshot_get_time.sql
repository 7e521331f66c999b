{% macro duckdb__snapshot_get_time() -%}
    {#-
    Snapshots bear business dates, not the wall clock. When an older week is computed after a newer
    one, the change was seen in the newer one: stamps never run backwards.
    -#}
    {%- set newest = namespace(stamp=none) -%}
    {%- if execute and this is not none and load_relation(this) is not none -%}
        {%- set newest.stamp = run_query(
            "select cast(max(dbt_valid_from) as date) from " ~ this
        ).columns[0].values()[0] -%}
    {%- endif -%}
    {%- set as_of = fixed_as_of_date() | string -%}
    {%- set stamp = [as_of, newest.stamp | string] | max if newest.stamp else as_of -%}
    cast('{{ stamp }}' as timestamp)
{%- endmacro %}
