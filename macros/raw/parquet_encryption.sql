{% macro parquet_encryption() -%}
    {#-
    The argument of read_parquet for encrypted files; all files are encrypted if the warehouse is.
    The connection has the key under this name; a view with the name cannot be read without the key.
    -#}
    {%- set encrypted = "select 1 from duckdb_databases() where database_name = '" ~ target.database ~ "' and encrypted" -%}
    {%- if run_query(encrypted).rows | length > 0 -%}
        , encryption_config = {footer_key: 'persona_access'}
    {%- endif -%}
{%- endmacro %}
