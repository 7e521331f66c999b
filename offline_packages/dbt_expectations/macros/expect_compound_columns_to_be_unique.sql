{% test expect_compound_columns_to_be_unique(
    model,
    column_list,
    quote_columns=false,
    ignore_row_if="all_values_are_missing",
    row_condition=none
) %}

{%- if not column_list -%}
    {{ exceptions.raise_compiler_error("column_list must name at least one column.") }}
{%- endif -%}
{%- set missing_if = {"all_values_are_missing": " and ", "any_value_is_missing": " or "} -%}
{%- if ignore_row_if not in missing_if -%}
    {{ exceptions.raise_compiler_error(
        "ignore_row_if is '" ~ ignore_row_if ~ "' but must be one of: "
        ~ missing_if | join(", ") ~ "."
    ) }}
{%- endif -%}

{%- set columns = [] -%}
{%- set missing = [] -%}
{%- for column in column_list -%}
    {%- set name = adapter.quote(column) if quote_columns else column -%}
    {%- do columns.append(name) -%}
    {%- do missing.append(name ~ " is null") -%}
{%- endfor %}

select
    {{ columns | join(", ") }},
    count(*) as n_records
from {{ model }}
where
    not ({{ missing | join(missing_if[ignore_row_if]) }})
    {%- if row_condition %}
    and ({{ row_condition }})
    {%- endif %}
group by {{ columns | join(", ") }}
having count(*) > 1

{% endtest %}
