{% macro matches_fully(expression, pattern) -%}
    {#- Whether the whole text matches a regular expression; engines use different operators. -#}
    {{ adapter.dispatch('matches_fully', 'persona_access')(expression, pattern) }}
{%- endmacro %}


{% macro duckdb__matches_fully(expression, pattern) -%}
    regexp_full_match({{ expression }}, '{{ pattern }}')
{%- endmacro %}


{% macro postgres__matches_fully(expression, pattern) -%}
    {{ expression }} ~ '^({{ pattern }})$'
{%- endmacro %}


{% macro spark__matches_fully(expression, pattern) -%}
    {#- Not `$`, which in Java also matches before a line break at the end. -#}
    {{ expression }} rlike '^({{ pattern }})\\z'
{%- endmacro %}


{% macro default__matches_fully(expression, pattern) -%}
    {{ expression }} rlike '^({{ pattern }})$'
{%- endmacro %}
