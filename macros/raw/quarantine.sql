{% macro is_data_row() -%}
    {#- Titles of columns that the loader quarantines say nothing of a person or of a pair. -#}
    reason not in ('label_row', 'header_repeated')
{%- endmacro %}
