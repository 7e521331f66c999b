{% macro reader_roles(node) %}
    {#-
    The database roles that may read all rows, and all columns, of a mart. Roles that can read only
    some rows get no right on this table: `persona-access publish` serves them their rows.
    -#}
    {% set roles = [] %}
    {% set hidden = node.columns.values() | selectattr('config.meta.is_published', 'false') | list %}
    {% for audience, rows in (node.config.meta.published.audience or {}).items() if rows == 'all' and not hidden %}
        {% do roles.append(
            'persona_access' ~ ('_' ~ target.name if target.name != 'production' else '') ~ '_' ~ audience
        ) %}
    {% endfor %}
    {{ return(roles) }}
{% endmacro %}


{% macro open_marts_to_readers() %}
    {#- Once for each build and not for each mart: two threads cannot change the rights of one
    schema at once. -#} {% set readers = {} %} {% for node in graph.nodes.values() if
    node.resource_type == 'model' and node.config.meta.published %}
        {% for role in reader_roles(node) %}
            {% do readers.setdefault(role, []).append(node.schema) %}
        {% endfor %}
    {% endfor %}
    {% set known = run_query("select rolname from pg_roles").columns[0].values() %}
    {% set missing = readers | reject('in', known) | sort %}
    {% if missing %}
        {{ exceptions.raise_compiler_error(
            "The server has no role " ~ missing | join(', ') ~ ": an administrator makes the roles once, "
            ~ "as docs/serving.md shows."
        ) }}
    {% endif %}
    {% for role, schemas in readers.items() %}{% for schema in schemas | unique %}
        {% do run_query("create schema if not exists " ~ schema ~ "; grant usage on schema " ~ schema ~ " to " ~ role) %}
    {% endfor %}{% endfor %}
{% endmacro %}
