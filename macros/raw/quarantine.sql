{% macro is_data_row() -%}
    {#- Totals, page ends and repeated titles, which the loader quarantines, are not about a person.
    -#} reason not in ('label_row', 'header_repeated')
{%- endmacro %}
