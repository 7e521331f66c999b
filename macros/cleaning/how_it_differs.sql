{% macro how_it_differs(now, before, is_date=false) -%}
    {#- How a cell changed: `same`, `empty`, `new`, or `slip` for a date in which only the year
    differs. -#} case
            when {{ now }} is null and {{ before }} is not null then 'empty'
            {%- if is_date %}
            when
                {{ now }} <> {{ before }}
                and extract(month from {{ now }}) = extract(month from {{ before }})
                and extract(day from {{ now }}) = extract(day from {{ before }})
                then 'slip'
            {%- endif %}
            when {{ now }} = {{ before }} or {{ before }} is null and {{ now }} is null then 'same'
            else 'new'
        end
{%- endmacro %}
