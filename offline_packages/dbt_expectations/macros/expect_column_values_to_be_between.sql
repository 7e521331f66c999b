{% test expect_column_values_to_be_between(
    model, column_name, min_value=none, max_value=none, row_condition=none, strictly=false
) %}

select {{ column_name }}
from {{ model }}
where
    not ({{ dbt_expectations.is_between(column_name, min_value, max_value, strictly) }})
    {%- if row_condition %}
    and ({{ row_condition }})
    {%- endif %}

{% endtest %}


{% macro is_between(expression, min_value, max_value, strictly) -%}
    {%- if min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error("Give min_value, max_value, or both.") }}
    {%- endif -%}
    {%- set or_equal = "" if strictly else "=" -%}
    {%- set bounds = [] -%}
    {%- if min_value is not none -%}
        {%- do bounds.append(expression ~ " >" ~ or_equal ~ " " ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do bounds.append(expression ~ " <" ~ or_equal ~ " " ~ max_value) -%}
    {%- endif -%}
    {{- bounds | join(" and ") -}}
{%- endmacro %}
