{% macro finding_due_date(finding_type, reason, moved_date) -%}
    {#- Counted from this week; a mover's grace counts from the day of the move, and never ends
    before today. -#} cast(
        case
            when {{ finding_type }} = 'missing'
                then {{ dbt.dateadd('day', var('missing_sla_days'), as_of_date()) }}
            when {{ reason }} = 'former_persona'
                then
                    greatest(
                        {{ dbt.dateadd('day', var('mover_grace_days'), 'coalesce(' ~ moved_date ~ ', ' ~ as_of_date() ~ ')') }},
                        {{ as_of_date() }}
                    )
            {%- for word, days in var('finding_sla_days').items() %}
            when {{ reason }} = '{{ word }}' then {{ dbt.dateadd('day', days, as_of_date()) }}
            {%- endfor %}
        end as date
    )
{%- endmacro %}


{% macro finding_flow_names() %}
    {#- Names of the columns that count how findings opened and closed in a week. -#}
    {{ return(['n_opened', 'n_reopened', 'n_closed', 'n_suspended', 'n_overdue']) }}
{% endmacro %}


{% macro count_finding_flow() -%}
    {#- Counts of opened and closed findings, for a query over the findings of one week. -#}
    count(*) filter (where opened_date = as_of_date) as n_opened,
    count(*) filter (where opened_date = as_of_date and n_times_reopened > 0) as n_reopened,
    count(*) filter (where finding_state = 'closed') as n_closed,
    count(*) filter (where finding_state = 'suspended') as n_suspended,
    count(*) filter (where is_overdue) as n_overdue,
    percentile_cont(0.5) within group (
        order by case when finding_state <> 'closed' then age_days end
    ) as median_age_days
{%- endmacro %}


{% macro show_finding_flow(relation) -%}
    {#- The columns of count_finding_flow, joined to rows that may have no findings. -#}
    {%- for name in finding_flow_names() %}
    cast(coalesce({{ relation }}.{{ name }}, 0) as {{ dbt.type_bigint() }}) as {{ name }},
    {%- endfor %}
    cast({{ relation }}.median_age_days as numeric(9, 1)) as median_age_days
{%- endmacro %}
