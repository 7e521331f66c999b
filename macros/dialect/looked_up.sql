{% macro looked_up(text, values, otherwise) -%}
    {#- What a dictionary has for a text, its values SQL expressions; else the other expression. -#}
    {%- if values -%}
    {{ adapter.dispatch('looked_up', 'persona_access')(text, values, otherwise) }}
    {%- else -%}
    {{ otherwise }}
    {%- endif -%}
{%- endmacro %}


{% macro default__looked_up(text, values, otherwise) -%}
    case {{ text }}
        {%- for word, value in values.items() %}
        when {{ text_literal(word) }} then {{ value }}
        {%- endfor %}
        else {{ otherwise }}
    end
{%- endmacro %}


{% macro duckdb__looked_up(text, values, otherwise) -%}
    {#- DuckDB plans a copy of the text for each branch of a `case`; a list of conditions becomes a join. -#}
    {%- set words = [] -%}
    {%- for word in values -%} {%- do words.append(text_literal(word)) -%} {%- endfor -%}
    coalesce([{{ values.values() | join(', ') }}][list_position([{{ words | join(', ') }}], {{ text }})], {{ otherwise }})
{%- endmacro %}
