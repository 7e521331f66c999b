{% macro text_literal(value) -%}
    {#- A text as a SQL literal, whatever characters it has; null for none. -#}
    {%- if value is none -%} null
    {%- else -%} {{ adapter.dispatch('text_literal', 'persona_access')(value | string) }}
    {%- endif -%}
{%- endmacro %}


{% macro default__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}


{% macro spark__text_literal(value) -%}
    {#- A backslash would begin an escape. -#}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
