{% macro keep_rows(relation, condition) %}
    {#- Deletes all rows of a table except those that meet a condition, which is never null. -#}
    {% do adapter.dispatch('keep_rows', 'persona_access')(relation, condition) %}
{% endmacro %}


{% macro default__keep_rows(relation, condition) %}
    {% do run_query("delete from " ~ relation ~ " where not (" ~ condition ~ ")") %}
{% endmacro %}


{% macro spark__keep_rows(relation, condition) %}
    {% do rewrite_table(relation, "select * from " ~ relation ~ " where " ~ condition) %}
{% endmacro %}


{% macro rewrite_table(relation, sql) %}
    {#-
    Replaces a table with a query that can read it, on an engine whose tables cannot be changed in
    place: the result is written under another name, then renamed.
    -#}
    {% do run_query("drop table if exists " ~ relation ~ "__rewritten") %}
    {% do run_query("create table " ~ relation ~ "__rewritten using parquet as " ~ sql) %}
    {% do run_query("drop table " ~ relation) %}
    {% do run_query("alter table " ~ relation ~ "__rewritten rename to " ~ relation) %}
{% endmacro %}
