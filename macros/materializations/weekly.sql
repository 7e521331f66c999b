{% materialization weekly, default %}
    {#-
    A table kept by week: the rows of the as-of date are replaced whole, all others stay. dbt's own
    incremental would write the week twice, once into a temporary table; at five million rows that
    is as much work as everything else.
    -#}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_new = existing_relation is none or should_full_refresh() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if existing_relation is not none and is_new %}
        {% do adapter.drop_relation(existing_relation) %}
    {% endif %}

    {% call statement('main') %}
        {% if is_new %}
            {{ get_create_table_as_sql(False, target_relation, sql) }}
        {% else %}
            {{ adapter.dispatch('replace_week', 'persona_access')(target_relation, sql) }}
        {% endif %}
    {% endcall %}

    {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, is_new)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro default__replace_week(relation, sql) %}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') -%}
    delete from {{ relation }} where as_of_date = {{ as_of_date() }};
    insert into {{ relation }} ({{ columns }})
    select {{ columns }}
    from (
        {{ sql }}
    ) as week
{% endmacro %}
