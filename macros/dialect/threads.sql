{% macro take_all_threads() %}
    {#-
    Before a statement over as many rows as there are grants. DuckDB shares out work in parts of some
    100,000 rows: of most statements there is one part, and a second thread does nothing but wait for
    it at full speed.
    -#}
    {{- adapter.dispatch('take_all_threads', 'persona_access')() -}}
{% endmacro %}


{% macro default__take_all_threads() %}{% endmacro %}


{% macro duckdb__take_all_threads() %}reset threads{% endmacro %}


{% macro give_threads_back() %}
    {#- After it, as many threads again as profiles.yml says. -#}
    {{- adapter.dispatch('give_threads_back', 'persona_access')() -}}
{% endmacro %}


{% macro default__give_threads_back() %}{% endmacro %}


{% macro duckdb__give_threads_back() %}set threads = {{ env_var('PERSONA_ACCESS_THREADS', '1') }}{% endmacro %}
