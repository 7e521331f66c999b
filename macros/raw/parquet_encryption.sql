{% macro parquet_encryption() -%}
    {#-
    The argument of read_parquet for files that are encrypted, as all are where the warehouse is. The
    connection knows the key by this name; the view that names it is of no use without the key.
    -#}
    {%- set encrypted = "select 1 from duckdb_databases() where database_name = '" ~ target.database ~ "' and encrypted" -%}
    {%- if run_query(encrypted).rows | length > 0 -%}
        , encryption_config = {footer_key: 'persona_access'}
    {%- endif -%}
{%- endmacro %}
