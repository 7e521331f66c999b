-- The tables that have rows of a week.
select tables.schema_name || '.' || tables.table_name as relation
from duckdb_tables() as tables
inner join duckdb_columns() as columns
    on tables.schema_name = columns.schema_name and tables.table_name = columns.table_name
where
    tables.schema_name in ('intermediate', 'marts')
    and columns.column_name = 'as_of_date'
