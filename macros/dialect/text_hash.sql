{% macro text_hash(text) -%}
    {#- A 64-bit number, the same for equal texts, null for null; each engine gives another number.
    -#} case when {{ text }} is not null then {{ adapter.dispatch('text_hash',
    'persona_access')(text) }} end
{%- endmacro %}


{% macro default__text_hash(text) -%}
    hash({{ text }})
{%- endmacro %}


{% macro postgres__text_hash(text) -%}
    hashtextextended({{ text }}, 0)
{%- endmacro %}


{% macro spark__text_hash(text) -%}
    xxhash64({{ text }})
{%- endmacro %}
