{#-
Replacements for macros of dbt-postgres that do not fit: see docs/postgres.md.
-#}

{% macro postgres__create_indexes(relation) %}
    {#-
    In addition to the indexes of the model's config: an index that finds a week without reading the
    history. Weeks are stored one after the other, so ranges of pages are enough. Statistics are
    collected, too, because the next model is planned before the server does so itself.
    -#}
    {% do dbt.default__create_indexes(relation) %}
    {% call statement('analyze') %}
        {% if config.get('materialized') == 'weekly' %}
            create index if not exists {{ relation.identifier }}_by_week
            on {{ relation }} using brin (as_of_date);
        {% endif %}
        analyze {{ relation }};
    {% endcall %}
{% endmacro %}


{% macro postgres__apply_grants(relation, grant_config, should_revoke=True) %}
    {#-
    The `grants` of a published mart are the roles declared beside it, not a
    second list of them.
    -#}
    {% if model.config.meta.published %}
        {% set grant_config = {'select': reader_roles(model)} %}
    {% endif %}
    {% do dbt.default__apply_grants(relation, grant_config, should_revoke) %}
{% endmacro %}


{% macro postgres__snapshot_get_time() -%}
    {{ duckdb__snapshot_get_time() }}
{%- endmacro %}
