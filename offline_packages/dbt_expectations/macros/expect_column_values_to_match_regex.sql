{#- `regex` and `flags` are spliced into the SQL as they are, as the hub's package does: no single
    quotes, and no backslashes, which Spark reads as escapes (write [.] and [0-9]). -#}
{% test expect_column_values_to_match_regex(
    model, column_name, regex, row_condition=none, is_raw=false, flags=""
) %}

select {{ column_name }}
from {{ model }}
where
    not ({{ dbt_expectations.matches_regex(column_name, regex, flags) }})
    {%- if row_condition %}
    and ({{ row_condition }})
    {%- endif %}

{% endtest %}


{% macro matches_regex(expression, regex, flags) -%}
    {{- adapter.dispatch("matches_regex", "dbt_expectations")(expression, regex, flags) -}}
{%- endmacro %}

{% macro duckdb__matches_regex(expression, regex, flags) -%}
    regexp_matches({{ expression }}, '{{ regex }}', '{{ flags }}')
{%- endmacro %}

{% macro postgres__matches_regex(expression, regex, flags) -%}
    {{ expression }} ~ '{{ dbt_expectations.with_flags(regex, flags) }}'
{%- endmacro %}

{% macro spark__matches_regex(expression, regex, flags) -%}
    {{ expression }} rlike '{{ dbt_expectations.with_flags(regex, flags) }}'
{%- endmacro %}

{% macro with_flags(regex, flags) -%}
    {{- "(?" ~ flags ~ ")" ~ regex if flags else regex -}}
{%- endmacro %}
