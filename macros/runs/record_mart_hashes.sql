{% macro record_mart_hashes() %}
    {#-
    Records, with a complete build, a hash of each mart's rows of the week that does not depend on
    their order: `publish`, `evidence` and `build` detect tables that were changed since. It also
    hashes the tables that the next week needs, each snapshot's rows of the week, and the query of
    each view, without columns.
    -#}
    {% do adapter.dispatch('record_mart_hashes', 'persona_access')() %}
{% endmacro %}


{% macro default__record_mart_hashes() %}
    {#- Other engines have no hash that is as fast, and no command reads them. -#}
{% endmacro %}


{% macro duckdb__record_mart_hashes() %}
    {% do run_query(
        "create table if not exists runs.mart_hashes (as_of_date date, invocation_id varchar, "
        ~ "schema_name varchar, mart_name varchar, is_weekly boolean, column_names varchar, "
        ~ "n_rows bigint, content_hash varchar, engine varchar)"
    ) %}
    {% set hashes = [] %}
    {% set views = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and (node.schema in ('marts', 'reporting') or node.config.materialized == 'weekly') %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {#- Some marts show files or results from any time, and change without a build. -#}
        {% if relation and 'view' in node.config.materialized %}
            {% do views.append("('" ~ node.schema ~ "', '" ~ node.alias ~ "')") %}
        {% elif relation and node.config.meta.is_function_of_week is not false %}
            {% set columns = node.columns.values() | map(attribute='name') | sort | join(', ') %}
            {% set is_weekly = node.config.materialized == 'weekly' %}
            {% do hashes.append(
                "select " ~ as_of_date() ~ ", '" ~ invocation_id ~ "', '" ~ node.schema ~ "', '" ~ node.alias
                ~ "', " ~ is_weekly | string | lower ~ ", '" ~ columns
                ~ "', count(*), cast(coalesce(sum(cast(hash(" ~ columns ~ ") as hugeint)), 0) as varchar), version() from "
                ~ relation ~ (" where as_of_date = " ~ as_of_date() if is_weekly else "")
            ) %}
        {% endif %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type == 'snapshot' %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation %}
            {#- Only rows of the week, because later weeks end its periods. -#}
            {% set columns = node.columns.values() | map(attribute='name')
                | reject('in', ['dbt_valid_to', 'dbt_updated_at', 'dbt_scd_id']) | sort | join(', ') %}
            {% do hashes.append(
                "select " ~ as_of_date() ~ ", '" ~ invocation_id ~ "', '" ~ node.schema ~ "', '" ~ node.alias
                ~ "', true, '" ~ columns
                ~ "', count(*), cast(coalesce(sum(cast(hash(" ~ columns ~ ") as hugeint)), 0) as varchar), version() from "
                ~ relation ~ " where dbt_valid_from <= " ~ as_of_date() ~ " and dbt_valid_to > " ~ as_of_date()
            ) %}
        {% endif %}
    {% endfor %}
    {% if views %}
        {#- Words and operators only: a copied file has different blanks, quotes and brackets. -#}
        {% set words = "regexp_replace(lower(sql), '[^a-z0-9_<>=!+*/-]', '', 'g')" %}
        {% do hashes.append(
            "select " ~ as_of_date() ~ ", '" ~ invocation_id ~ "', schema_name, view_name, false, '', 1, "
            ~ "cast(hash(regexp_replace(" ~ words ~ ", 'lambda|crossjoin|->', '', 'g')) as varchar), version() from duckdb_views() where database_name = "
            ~ "current_database() and (schema_name, view_name) in (" ~ views | join(", ") ~ ")"
        ) %}
    {% endif %}
    {% if hashes %}
        {% do run_query("insert into runs.mart_hashes " ~ hashes | join(" union all ")) %}
    {% endif %}
{% endmacro %}
