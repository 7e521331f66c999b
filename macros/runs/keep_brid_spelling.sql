{% macro keep_brid_spelling() %}
    {#-
    Keeps normalise_brid in the warehouse as the function runs.normalise_brid, so that a BRID can be
    looked up in any spelling that staging reads, by the same SQL.
    -#}
    {% if execute %}
        {% do adapter.dispatch('create_brid_function', 'persona_access')() %}
    {% endif %}
{% endmacro %}


{% macro default__create_brid_function() %}
    {#- The command line queries only the embedded warehouse. -#}
{% endmacro %}


{% macro duckdb__create_brid_function() %}
    {% do run_query("create schema if not exists runs") %}
    {% do run_query(
        "create or replace macro runs.normalise_brid(brid_as_written) as ("
        ~ normalise_brid('brid_as_written') ~ ")"
    ) %}
{% endmacro %}
