{% macro previous_as_of_date(relation, is_bounded=true) -%}
    {#-
    The newest week before this one that the relation holds, as a SQL literal; null without one.
    In a big relation it looks back over a bounded time only, so that it costs the same however long
    the history is. Findings outlast any gap, so they look back without bound in a small one.
    -#}
    {%- set found = namespace(date=none) -%}
    {%- if execute -%}
        {%- set lookback_days = 7 * var('former_persona_weeks') + 7 -%}
        {%- set query -%}
            select max(as_of_date) as previous_as_of_date
            from {{ relation }}
            where
                as_of_date < {{ as_of_date() }}
                {%- if is_bounded %}
                and as_of_date >= {{ dbt.dateadd('day', -lookback_days, as_of_date()) }}
                {%- endif %}
        {%- endset -%}
        {%- set found.date = run_query(query).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if found.date -%} cast('{{ found.date }}' as date) {%- else -%} cast(null as date) {%- endif -%}
{%- endmacro %}
