{% materialization weekly, default %}
    {#-
    A weekly table: the rows of the as-of date are replaced completely, all others stay. dbt's own
    incremental materialization would write the week twice, once into a temporary table; with five
    million rows, that is as much work as everything else.
    -#}
    {%- do refuse_unknown_configs(['grants', 'indexes', 'persist_docs', 'pre-hook', 'post-hook']) -%}
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
            {{ adapter.dispatch('create_weekly_table', 'persona_access')(target_relation, sql) }}
        {% else %}
            {{ adapter.dispatch('replace_week', 'persona_access')(target_relation, sql) }}
        {% endif %}
    {% endcall %}

    {% do create_indexes(target_relation) %}
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
    {%- set columns = model.columns.values() | map(attribute='name') | join(', ') -%}
    delete from {{ relation }} where as_of_date = {{ as_of_date() }};
    insert into {{ relation }} ({{ columns }})
    select {{ columns }}
    from (
        {{ sql }}
    ) as week
{% endmacro %}


{% macro default__create_weekly_table(relation, sql) %}
    {{ get_create_table_as_sql(False, relation, sql) }}
{% endmacro %}


{% macro spark__create_weekly_table(relation, sql) %}
    create table {{ relation }} {{ partitioned_by_week() }} as
    {{ select_as_in_contract(sql) }}
{% endmacro %}


{% macro spark__replace_week(relation, sql) %}
    {#-
    Files without a log have no transaction: while this runs, the week is missing. An overwrite of
    partitions would keep the old rows of a week that no longer has any.
    -#}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | join(', ') -%}
    {%- do drop_weeks(relation, fixed_as_of_date()) -%}
    insert into {{ relation }} ({{ columns }})
    select {{ columns }}
    from (
        {{ select_as_in_contract(sql) }}
    ) as week
{% endmacro %}


{% macro select_as_in_contract(sql) %}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
        {{ get_select_subquery(sql) }}
    {%- else -%}
        {{ sql }}
    {%- endif -%}
{% endmacro %}


{% macro partitioned_by_week() -%}
    {#- The clauses of a weekly table's `create table` in addition to its columns. -#}
    {{ adapter.dispatch('partitioned_by_week', 'persona_access')() }}
{%- endmacro %}


{% macro default__partitioned_by_week() -%}
{%- endmacro %}


{% macro spark__partitioned_by_week() -%}
    using parquet partitioned by (as_of_date)
{%- endmacro %}


{% macro drop_weeks(relation, week, and_later=false) %}
    {#- Removes the rows of a week from a weekly table and, on request, those of all later weeks.
    -#} {% do adapter.dispatch('drop_weeks', 'persona_access')(relation, week | string, and_later)
    %}
{% endmacro %}


{% macro default__drop_weeks(relation, week, and_later) %}
    {% do run_query(
        "delete from " ~ relation ~ " where as_of_date " ~ ('>=' if and_later else '=')
        ~ " cast('" ~ week ~ "' as date)"
    ) %}
{% endmacro %}


{% macro spark__drop_weeks(relation, week, and_later) %}
    {% for row in run_query("show partitions " ~ relation).rows %}
        {% set kept = row[0].split('=')[1] %}
        {% if kept == week or (and_later and kept > week) %}
            {% do run_query("alter table " ~ relation ~ " drop partition (as_of_date = '" ~ kept ~ "')") %}
        {% endif %}
    {% endfor %}
{% endmacro %}
