-- In a copied file, DuckDB writes the blanks, quotes and brackets of a view differently.
select
    schema_name,
    view_name,
    '1:' || hash(regexp_replace(
        regexp_replace(lower(sql), '[^a-z0-9_<>=!+*/-]', '', 'g'), 'lambda|crossjoin|->', '', 'g'
    )) as said
from duckdb_views()
where database_name = current_database()
