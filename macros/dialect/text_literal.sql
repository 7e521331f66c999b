{% macro text_literal(value) -%}
    {#- A text as a SQL literal, with any characters; null for none. -#}
    {%- if value is none -%} null
    {%- else -%} {{ adapter.dispatch('text_literal', 'persona_access')(value | string) }}
    {%- endif -%}
{%- endmacro %}


{% macro default__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}


{% macro spark__text_literal(value) -%}
    {#- A backslash would start an escape sequence. -#}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}
