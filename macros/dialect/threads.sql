{% macro take_all_threads() %}
    {#-
    Runs before a statement over all grants. DuckDB divides work into parts of about 100,000 rows:
    most statements have one part, for which a second thread would only busy-wait.
    -#}
    {{- adapter.dispatch('take_all_threads', 'persona_access')() -}}
{% endmacro %}


{% macro default__take_all_threads() %}{% endmacro %}


{% macro duckdb__take_all_threads() %}reset threads{% endmacro %}


{% macro give_threads_back() %}
    {#- Runs after it: restores the number of threads in profiles.yml. -#}
    {{- adapter.dispatch('give_threads_back', 'persona_access')() -}}
{% endmacro %}


{% macro default__give_threads_back() %}{% endmacro %}


{% macro duckdb__give_threads_back() %}set threads = {{ env_var('PERSONA_ACCESS_THREADS', '1') }}{% endmacro %}
