{% macro as_double(expression) -%}
    {#- A number in double precision; on PostgreSQL, 1.0e0 would be an exact number instead. -#}
    {{ adapter.dispatch('as_double', 'persona_access')(expression) }}
{%- endmacro %}


{% macro default__as_double(expression) -%}
    cast({{ expression }} as double)
{%- endmacro %}


{% macro postgres__as_double(expression) -%}
    cast({{ expression }} as double precision)
{%- endmacro %}
