{#-
Replacements for macros of dbt-spark that do not fit: see docs/spark.md.
-#}

{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {#- dbt-spark joins the values in any order. -#}
    listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause }})
{%- endmacro %}


{% macro spark__load_csv_rows(model, agate_table) %}
    {#- dbt-spark writes an empty cell as the word None, and does not escape. -#}
    {% set types = model.config.column_types %}
    {% for rows in agate_table.rows | batch(1000) %}
        {% set values = [] %}
        {% for row in rows %}
            {% set cells = [] %}
            {% for name in agate_table.column_names %}
                {% do cells.append("cast(" ~ text_literal(row[name]) ~ " as " ~ types[name] ~ ")") %}
            {% endfor %}
            {% do values.append("(" ~ cells | join(", ") ~ ")") %}
        {% endfor %}
        {% do adapter.add_query("insert into " ~ this ~ " values " ~ values | join(", "), abridge_sql_log=True) %}
    {% endfor %}
    {% do check_cells_were_read(agate_table, types) %}
    {{ return("-- " ~ agate_table.rows | length ~ " rows") }}
{% endmacro %}


{% macro check_cells_were_read(agate_table, types) %}
    {#- With dbt-spark's settings, an unreadable date is null, and null means no end. -#}
    {% set counts = [] %}
    {% for name in agate_table.column_names %}
        {% do counts.append("count(" ~ name ~ ")") %}
    {% endfor %}
    {% set n_read = run_query("select " ~ counts | join(", ") ~ " from " ~ this).rows[0] %}
    {% for name in agate_table.column_names %}
        {% if n_read[loop.index0] != agate_table.columns[name].values_without_nulls() | length %}
            {{ exceptions.raise_compiler_error(
                "Seed " ~ this.identifier ~ ", column " ~ name ~ ": a cell cannot be read as "
                ~ types[name] ~ ". Correct it in the CSV file."
            ) }}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro spark__get_column_names() %}
    {#- Parquet tables do not support `not null`: the contract is checked while rows are written.
    -#} {% for column in model.columns.values() %}
        {% if column.constraints | selectattr('type', 'equalto', 'not_null') | list %}
            coalesce(
                {{ column.name }},
                raise_error('{{ model.name }}.{{ column.name }} is null, and its contract forbids it.')
            ) as {{ column.name }}
        {%- else %}
            {{ column.name }}
        {%- endif %}
        {{- "," if not loop.last }}
    {% endfor %}
{% endmacro %}


{% macro spark__persist_constraints(relation, model) %}
    {#- Nothing remains to do: see spark__get_column_names. -#}
{% endmacro %}


{% macro spark__snapshot_get_time() -%}
    {{ duckdb__snapshot_get_time() }}
{%- endmacro %}
