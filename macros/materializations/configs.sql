{% macro refuse_unknown_configs(supported) %}
    {#-
    A materialization that ignores a config would build without an error. Configs that only concern
    dbt, and those with default values, change nothing in the warehouse.
    -#}
    {%- set of_dbt = [
        'access', 'alias', 'batch_size', 'begin', 'concurrent_batches', 'contract', 'database', 'docs',
        'enabled', 'event_time', 'freshness', 'full_refresh', 'group', 'lookback', 'materialized', 'meta',
        'packages', 'quoting', 'schema', 'static_analysis', 'tags',
    ] -%}
    {%- set defaults = {'on_schema_change': 'ignore', 'on_configuration_change': 'apply', 'delimiter': ','} -%}
    {%- set unknown = [] -%}
    {%- for name, value in model.config.items() if value and value != defaults.get(name) -%}
        {%- do unknown.append(name) if name not in of_dbt + supported -%}
    {%- endfor -%}
    {% if unknown %}
        {% set materialized = config.get('meta', {}).get('materialization') or config.get('materialized') %}
        {{ exceptions.raise_compiler_error(
            model.name ~ " asks for " ~ unknown | sort | join(', ') ~ ", which the materialization "
            ~ materialized ~ " does not do. Remove it, or use a materialization of dbt's own."
        ) }}
    {% endif %}
{% endmacro %}


{% macro drop_other_kind(existing, target) %}
    {#- DuckDB replaces a view with a view and a table with a table; a model that changed its kind
    is dropped first. -#} {% if existing is not none and existing.type != target.type %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
{% endmacro %}
