{% macro open_replays() %}
    {#-
    Runs at the start of every build and makes the results of `persona-access why-changed` readable,
    one Parquet file for each pair of weeks; without any file, the table exists and is empty.
    -#}
    {% if execute %}
        {% do run_query("create schema if not exists replays") %}
        {% do adapter.dispatch('attach_status_changes', 'persona_access')() %}
    {% endif %}
{% endmacro %}


{% macro default__attach_status_changes() %}
    {% do run_query("create or replace view replays.status_changes as " ~ no_rows(status_change_columns())) %}
{% endmacro %}


{% macro duckdb__attach_status_changes() %}
    {% set files = home_path() ~ "/status_changes/*.parquet" %}
    {% set n_files = run_query("select count(*) from glob('" ~ files ~ "')").rows[0][0] %}
    {% if n_files > 0 %}
        {% do run_query(
            "create or replace view replays.status_changes as select * from read_parquet('" ~ files ~ "'"
            ~ parquet_encryption() ~ ")"
        ) %}
    {% else %}
        {% do default__attach_status_changes() %}
    {% endif %}
{% endmacro %}


{% macro spark__attach_status_changes() %}
    {% do attach_files(
        'replays.status_changes', status_change_columns(), 'parquet', home_path() ~ '/status_changes'
    ) %}
{% endmacro %}


{% macro postgres__attach_status_changes() %}
    {% do read_records('replays.status_changes', status_change_columns(), 'status_changes') %}
{% endmacro %}


{% macro status_change_columns() %}
    {% set columns = {} %}
    {% for name in [
        'brid', 'application_id', 'change_kind', 'cause', 'status_before', 'status_after',
        'reason_before', 'reason_after', 'disposition_before', 'disposition_after',
    ] %}
        {% do columns.update({name: dbt.type_string()}) %}
    {% endfor %}
    {% do columns.update({'previous_date': 'date', 'as_of_date': 'date'}) %}
    {{ return(columns) }}
{% endmacro %}
