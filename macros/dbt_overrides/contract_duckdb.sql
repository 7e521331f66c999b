{% macro duckdb__get_assert_columns_equivalent(sql) -%}
    {#-
    Compares a model's columns with its contract by one small query. dbt's own macro calls four macros
    for each column; it still writes the error message and handles rare cases: a column without type or
    precision, and a type for which DuckDB has another name.
    -#}
    {%- set rare = [] -%}
    {%- for column in model.columns.values() -%}
        {%- if column.quote or column.data_type | lower in ('', 'none', 'numeric', 'decimal', 'number') -%}
            {%- do rare.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set is_like_declared = not rare and model.columns and columns_of(sql) == columns_as_declared() -%}
    {%- if not is_like_declared -%}
        {{ return(dbt.default__get_assert_columns_equivalent(sql)) }}
    {%- endif -%}
{%- endmacro %}


{% macro columns_of(sql) %}
    {#- The types of a query's columns by name, and the number of columns. -#} {#- The adapter puts
    the query in brackets, and a comment at its end would hide the second one. -#} {% set columns =
    adapter.get_column_schema_from_query(sql ~ "\n") %} {% set types = {} %} {% for column in
    columns %}
        {% do types.update({column.name: column.dtype}) %}
    {% endfor %}
    {{ return([columns | length, types]) }}
{% endmacro %}


{% macro columns_as_declared() %}
    {#- The types of the contract's columns by name, as DuckDB calls them, and the number of columns. -#}
    {% set types = {} %}
    {% for column in model.columns.values() %}
        {% set type = column.data_type | upper | replace(' ', '') | replace('NUMERIC(', 'DECIMAL(') %}
        {% do types.update({column.name: 'VARCHAR' if type in ('TEXT', 'STRING') else type}) %}
    {% endfor %}
    {{ return([model.columns | length, types]) }}
{% endmacro %}
