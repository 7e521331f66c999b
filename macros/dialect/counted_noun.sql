{% macro grouped_number(number) -%}
    {#- A whole number as text with commas between thousands. -#}
    {{ adapter.dispatch('grouped_number', 'persona_access')(number) }}
{%- endmacro %}


{% macro default__grouped_number(number) -%}
    format('{:,}', {{ number }})
{%- endmacro %}


{% macro postgres__grouped_number(number) -%}
    to_char({{ number }}, 'FM999,999,999,999,990')
{%- endmacro %}


{% macro spark__grouped_number(number) -%}
    format_number({{ number }}, 0)
{%- endmacro %}


{% macro counted_noun(number, one, many) -%}
    {#- A whole number with its noun: `1 finding`, `1,204 findings`. -#}
    concat_ws(
        ' ', {{ grouped_number(number) }}, case {{ number }} when 1 then '{{ one }}' else '{{ many }}' end
    )
{%- endmacro %}
