{#- A null in a grouping column equals nothing, so such a group fails: as in the hub's package. -#}
{% test expect_table_row_count_to_equal_other_table(
    model,
    compare_model,
    group_by=none,
    compare_group_by=none,
    factor=1,
    row_condition=none,
    compare_row_condition=none
) %}

{%- set keys = [] -%}
{%- for _ in group_by or [] -%}
    {%- do keys.append("key_" ~ loop.index) -%}
{%- endfor %}

with
this_table as (
    {{ dbt_expectations.count_rows(model, group_by, row_condition) }}
),

other_table as (
    {{ dbt_expectations.count_rows(
        compare_model, compare_group_by or group_by, compare_row_condition or row_condition
    ) }}
)

select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    this_table.n_rows as n_rows,
    other_table.n_rows as n_rows_compared
from this_table
{%- if keys %}
full outer join other_table using ({{ keys | join(", ") }})
{%- else %}
cross join other_table
{%- endif %}
where coalesce(this_table.n_rows, 0) <> coalesce(other_table.n_rows, 0) * {{ factor }}

{% endtest %}


{% macro count_rows(relation, group_by, row_condition) -%}
    select
        {%- for column in group_by or [] %}
        {{ column }} as key_{{ loop.index }},
        {%- endfor %}
        count(*) as n_rows
    from {{ relation }}
    {%- if row_condition %}
    where {{ row_condition }}
    {%- endif %}
    {%- if group_by %}
    group by {{ group_by | join(", ") }}
    {%- endif %}
{%- endmacro %}
