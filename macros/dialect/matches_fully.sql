{% macro matches_fully(expression, pattern) -%}
    {#- Whether the whole text matches a regular expression; engines disagree on the operator. -#}
    {{ adapter.dispatch('matches_fully', 'persona_access')(expression, pattern) }}
{%- endmacro %}


{% macro duckdb__matches_fully(expression, pattern) -%}
    regexp_full_match({{ expression }}, '{{ pattern }}')
{%- endmacro %}


{% macro postgres__matches_fully(expression, pattern) -%}
    {{ expression }} ~ '^({{ pattern }})$'
{%- endmacro %}


{% macro default__matches_fully(expression, pattern) -%}
    {{ expression }} rlike '^({{ pattern }})$'
{%- endmacro %}
