{% macro status_count_names() %}
    {#- Names of the columns that count pairs by status and findings by disposition. -#}
    {{ return([
        'n_match', 'n_missing', 'n_excess', 'n_unassessed',
        'n_open', 'n_waived', 'n_in_grace', 'n_in_sla',
    ]) }}
{% endmacro %}


{% macro count_statuses() -%}
    {#- Counts of pairs by status and of findings by disposition, for a query over the fact. -#}
    {%- for status in ['match', 'missing', 'excess', 'unassessed'] %}
    count(*) filter (where reconciliation_status = '{{ status }}') as n_{{ status }},
    {%- endfor %}
    {%- for disposition in ['open', 'waived', 'in_grace', 'in_sla'] %}
    count(*) filter (where disposition = '{{ disposition }}') as n_{{ disposition }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro sum_status_counts(relation=none) -%}
    {#- Sums of the same counts; zero, never null, where there is nothing to count. -#}
    {%- for name in status_count_names() %}
    coalesce(sum({{ relation ~ '.' if relation else '' }}{{ name }}), 0) as {{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro cast_status_counts() -%}
    {#- The same counts as integers, so that a contract holds on every engine. -#}
    {%- for name in status_count_names() %}
    cast({{ name }} as {{ dbt.type_bigint() }}) as {{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro match_rate() -%}
    {#- Share of required access that is held: match / (match + missing); null if none is required.
    -#} cast(
        cast(n_match as {{ dbt.type_numeric() }}) / nullif(n_match + n_missing, 0)
        as numeric(7, 6)
    )
{%- endmacro %}


{% macro excess_rate(relation=none) -%}
    {#- Share of held and classified access that should not be held: excess / (match + excess). -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    cast(
        cast({{ prefix }}n_excess as {{ dbt.type_numeric() }})
        / nullif({{ prefix }}n_match + {{ prefix }}n_excess, 0)
        as numeric(7, 6)
    )
{%- endmacro %}
