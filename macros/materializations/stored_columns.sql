{#-
Weekly tables outlive the versions of the models that wrote them: see docs/changing_a_mart.md.
-#}

{% macro fit_weekly_tables() %}
    {#-
    Runs before a build: adds the columns that models have gained to the stored weekly tables, and
    refuses changes that would alter or lose stored weeks. This happens before anything is built,
    because models also read last week's rows of later models.
    -#}
    {% set relations = {} %}
    {% for node in graph.nodes.values() if node.config.materialized == 'weekly' and node.unique_id in selected_resources %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation and not flags.FULL_REFRESH %}
            {% do relations.update({node.unique_id: relation}) %}
        {% endif %}
    {% endfor %}
    {% set stored = adapter.dispatch('stored_columns', 'persona_access')(relations) if relations %}
    {% set types = [] %}
    {% for unique_id in relations %}
        {% do types.extend(graph.nodes[unique_id].columns.values() | map(attribute='data_type')) %}
    {% endfor %}
    {% set type_names = type_names(types | unique | list) if relations %}
    {% for unique_id, relation in relations.items() %}
        {% set declared = {} %}
        {% for column in graph.nodes[unique_id].columns.values() %}
            {% do declared.update({column.name: {
                'type': type_names[column.data_type],
                'is_required': column.constraints | selectattr('type', 'equalto', 'not_null') | list | length > 0,
            }}) %}
        {% endfor %}
        {% do fit_weekly_table(relation, stored[unique_id], declared) %}
    {% endfor %}
{% endmacro %}


{% macro fit_weekly_table(relation, stored, declared) %}
    {#- A table without other weeks has nothing to lose: the build recreates it. -#} {% set changes
    = column_changes(relation, stored, declared) %} {% set weeks = "select min(as_of_date) from " ~
    relation ~ " where as_of_date <> " ~ as_of_date() %} {% set oldest_week =
    run_query(weeks).rows[0][0] if changes.refused %} {% if changes.refused and oldest_week is none
    %}
        {% do adapter.drop_relation(relation) %}
    {% elif changes.refused %}
        {{ exceptions.raise_compiler_error(
            changes.refused | join(" ") ~ " Convert the stored weeks with `dbt run-operation migrate_column`,"
            ~ " or build them all again with `persona-access rebuild --from " ~ oldest_week ~ "`:"
            ~ " docs/changing_a_mart.md tells how. Nothing was built."
        ) }}
    {% else %}
        {% for statement in changes.statements %}
            {% do run_query(statement) %}
        {% endfor %}
    {% endif %}
    {% for name in changes.added if not changes.refused %}
        {{ log("Stored columns: " ~ relation.include(database=false) ~ " has the new column " ~ name
            ~ ", which is null in the weeks built before.", info=true) }}
    {% endfor %}
{% endmacro %}


{% macro column_changes(relation, stored, declared) %}
    {#- The differences of a stored table from its model: statements that add columns, and sentences
    about the rest. -#} {% set changes = {'added': [], 'statements': [], 'refused': []} %} {% set
    table = relation.include(database=false) | string | replace('"', '') %} {% set alter = "alter
    table " ~ relation %} {% for name, column in declared.items() %}
        {% if name not in stored and column.is_required %}
            {% do changes.refused.append(
                table ~ " has a new column " ~ name ~ " that may not be null, but the stored weeks have no"
                ~ " value for it: remove its not_null constraint."
            ) %}
        {% elif name not in stored %}
            {% do changes.added.append(name) %}
            {% do changes.statements.append(adapter.dispatch('add_column', 'persona_access')(relation, name, column.type)) %}
        {% elif stored[name].type | lower != column.type | lower %}
            {% do changes.refused.append(
                table ~ "." ~ name ~ " is stored as " ~ stored[name].type ~ ", and its model now says "
                ~ column.type ~ "."
            ) %}
        {% elif stored[name].is_required and not column.is_required %}
            {% do changes.statements.append(alter ~ " alter column " ~ name ~ " drop not null") %}
        {% elif column.is_required and stored[name].is_required == false %}
            {% if run_query("select 1 from " ~ relation ~ " where " ~ name ~ " is null limit 1").rows %}
                {% do changes.refused.append(
                    table ~ "." ~ name ~ " may no longer be null, but stored weeks have rows without it."
                ) %}
            {% else %}
                {% do changes.statements.append(alter ~ " alter column " ~ name ~ " set not null") %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {% for name, column in stored.items() if name not in declared %}
        {% do changes.refused.append(
            table ~ "." ~ name ~ " is stored (" ~ column.type ~ "), and its model no longer has it."
        ) %}
    {% endfor %}
    {{ return(changes) }}
{% endmacro %}


{% macro fit_snapshot(relation, query) %}
    {#- Like `fit_weekly_tables`, before a snapshot; its columns are those of its source. -#}
    {%- if execute and load_relation(relation) is not none and query -%}
        {% set stored = {} %}
        {% for name, column in adapter.dispatch('stored_columns', 'persona_access')({'it': relation})['it'].items() %}
            {% do stored.update({name: column}) if not name.startswith('dbt_') %}
        {% endfor %}
        {% set declared = adapter.dispatch('query_columns', 'persona_access')(query) %}
        {% for column in stored.values() %}
            {% do column.update({'is_required': false}) %}
        {% endfor %}
        {% set changes = column_changes(relation, stored, declared) %}
        {% if changes.refused %}
            {{ exceptions.raise_compiler_error(
                changes.refused | join(" ") ~ " Convert the stored periods with `dbt run-operation"
                ~ " migrate_column`: docs/changing_a_mart.md tells how. No period was changed."
            ) }}
        {% endif %}
        {% for statement in changes.statements %}
            {% do run_query(statement) %}
        {% endfor %}
        {% for name in changes.added %}
            {{ log("Stored columns: " ~ relation.include(database=false) ~ " has the new column " ~ name
                ~ ", which is null in the periods that ended before.", info=true) }}
        {% endfor %}
    {%- endif -%}
{% endmacro %}


{% macro migrate_column(model, column, renamed_from=none, type=none) %}
    {#-
    Changes a stored column on request: `dbt run-operation migrate_column --args '{...}'`.
    The column is renamed, converted to the type of its model, or dropped if the model no longer has
    it.
    -#}
    {% set nodes = graph.nodes.values() | selectattr('name', 'equalto', model) | list %}
    {% set node = nodes[0] if nodes and nodes[0].config.materialized in ('weekly', 'snapshot') %}
    {% set relation = adapter.get_relation(node.database, node.schema, node.alias) if node %}
    {% if not relation %}
        {{ exceptions.raise_compiler_error("There is no stored weekly table or snapshot '" ~ model ~ "'.") }}
    {% endif %}
    {% set stored = adapter.dispatch('stored_columns', 'persona_access')({'it': relation})['it'] %}
    {% if (renamed_from or column) not in stored %}
        {{ exceptions.raise_compiler_error(
            model ~ " has no stored column '" ~ (renamed_from or column) ~ "'; it has " ~ stored | join(", ") ~ "."
        ) }}
    {% endif %}
    {% set type = type or node.columns[column].data_type if column in node.columns else type %}
    {% if renamed_from %}
        {% set statement = "rename column " ~ renamed_from ~ " to " ~ column %}
    {% elif type %}
        {% set type = type_names([type])[type] %}
        {% set statement = "alter column " ~ column ~ " type " ~ type ~ " using cast(" ~ column ~ " as " ~ type ~ ")" %}
    {% elif column in node.columns %}
        {{ exceptions.raise_compiler_error(
            model ~ "." ~ column ~ " has no declared type: give one, as {model: " ~ model ~ ", column: "
            ~ column ~ ", type: ...}."
        ) }}
    {% else %}
        {% set statement = "drop column " ~ column %}
    {% endif %}
    {% do run_query("alter table " ~ relation ~ " " ~ statement) %}
    {% do adapter.commit() %}
    {{ log("Stored columns: " ~ relation.include(database=false) ~ ": " ~ statement ~ ".", info=true) }}
{% endmacro %}


{% macro default__add_column(relation, name, type) %}
    {{ return("alter table " ~ relation ~ " add column " ~ name ~ " " ~ type) }}
{% endmacro %}


{% macro spark__add_column(relation, name, type) %}
    {{ return("alter table " ~ relation ~ " add columns (" ~ name ~ " " ~ type ~ ")") }}
{% endmacro %}


{% macro duckdb__stored_columns(relations) %}
    {#- Name, type and not-null flag of each column; one query for all tables. -#}
    {% set query %}
        select schema_name || '.' || table_name, column_name, data_type, not is_nullable
        from duckdb_columns()
        where
            database_name = '{{ (relations.values() | first).database }}'
            and table_name in ('{{ relations.values() | map(attribute='identifier') | join("', '") }}')
        order by column_index
    {% endset %}
    {{ return(columns_by_table(relations, run_query(query))) }}
{% endmacro %}


{% macro postgres__stored_columns(relations) %}
    {% set query %}
        select
            namespaces.nspname || '.' || tables.relname,
            attributes.attname,
            format_type(attributes.atttypid, attributes.atttypmod),
            attributes.attnotnull
        from pg_attribute as attributes
        inner join pg_class as tables on attributes.attrelid = tables.oid
        inner join pg_namespace as namespaces on tables.relnamespace = namespaces.oid
        where
            attributes.attnum > 0
            and not attributes.attisdropped
            and tables.relkind = 'r'
            and tables.relname in ('{{ relations.values() | map(attribute='identifier') | join("', '") }}')
            and namespaces.nspname not in ('pg_catalog', 'information_schema')
        order by attributes.attnum
    {% endset %}
    {{ return(columns_by_table(relations, run_query(query))) }}
{% endmacro %}


{% macro spark__stored_columns(relations) %}
    {#- Contracts are checked while rows are written, so no column of a table is declared as
    required. -#} {% set found = {} %} {% for key, relation in relations.items() %}
        {% do found.update({key: spark__query_columns("select * from " ~ relation)}) %}
        {% for column in found[key].values() %}
            {% do column.update({'is_required': none}) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro columns_by_table(relations, result) %}
    {% set tables = {} %}
    {% for row in result.rows %}
        {% do tables.setdefault(row[0], {}).update({row[1]: {'type': row[2], 'is_required': row[3]}}) %}
    {% endfor %}
    {% set found = {} %}
    {% for key, relation in relations.items() %}
        {% do found.update({key: tables.get(relation.schema ~ '.' ~ relation.identifier, {})}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro type_names(types) %}
    {#- The engine's name for each of these types. -#}
    {% set casts = [] %}
    {% for type in types %}
        {% do casts.append("cast(null as " ~ api.Column.translate_type(type) ~ ") as column_" ~ loop.index) %}
    {% endfor %}
    {% set columns = adapter.dispatch('query_columns', 'persona_access')("select " ~ casts | join(", ")) %}
    {% set names = {} %}
    {% for type in types %}
        {% do names.update({type: columns['column_' ~ loop.index].type}) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{% macro duckdb__query_columns(query) %}
    {#- Name and type of each column of a query. -#}
    {{ return(described_columns(run_query("describe " ~ query))) }}
{% endmacro %}


{% macro spark__query_columns(query) %}
    {{ return(described_columns(run_query("describe query " ~ query))) }}
{% endmacro %}


{% macro postgres__query_columns(query) %}
    {#- Only stored relations have complete types, so an empty view is stored. -#} {% do
    run_query("drop view if exists pg_temp.described; create temporary view described as " ~ query)
    %} {% set described %}
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = 'pg_temp.described'::regclass and attnum > 0
        order by attnum
    {% endset %}
    {{ return(described_columns(run_query(described))) }}
{% endmacro %}


{% macro described_columns(result) %}
    {% set columns = {} %}
    {% for row in result.rows %}
        {% do columns.update({row[0]: {'type': row[1], 'is_required': false}}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
