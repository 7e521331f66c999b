{% macro how_it_differs(now, before, is_date=false) -%}
    {#- What became of a cell: `same`, `empty`, `new`, or of a date `slip`, when the year alone differs. -#}
    case
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
