{% macro previous_as_of_date(relation) -%}
    {#- The newest earlier week in the relation, as a SQL literal; null without one. -#}
    {%- set found = namespace(date=none) -%}
    {%- if execute -%}
        {%- set query -%}
            select max(as_of_date) as previous_as_of_date
            from {{ relation }}
            where as_of_date < {{ as_of_date() }}
        {%- endset -%}
        {%- set found.date = run_query(query).columns[0].values()[0] -%}
    {%- endif -%}
    {%- if found.date -%} cast('{{ found.date }}' as date) {%- else -%} cast(null as date) {%- endif -%}
{%- endmacro %}
