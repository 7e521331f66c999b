{% macro duckdb__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {#- A text of each group in order: DuckDB sorts lists four times as fast as aggregates of a hundred thousand groups. -#}
    array_to_string(list_transform(list_sort(list(
        struct_pack(place := row({{ order_by_clause | replace('order by ', '') }}), part := {{ measure }})
    )), lambda x: x.part), {{ delimiter_text }})
{%- endmacro %}
