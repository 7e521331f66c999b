{% materialization snapshot, adapter='spark' %}
    {#-
    dbt's own snapshots merge into a table, which plain Parquet cannot. dbt's own staging query
    shows the added, changed and removed rows; here the table is then rewritten with them.
    -#}
    {%- set target_relation_exists, target_relation = get_or_create_relation(
        database=none, schema=model.schema, identifier=model.alias, type='table'
    ) -%}

    {{ run_hooks(pre_hooks) }}

    {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
    {%- set strategy = strategy_macro(
        model, 'snapshotted_data', 'source_data', model['config'], target_relation_exists
    ) -%}

    {% if target_relation_exists %}
        {% do adapter.valid_snapshot_target(target_relation, get_snapshot_table_column_names()) %}
        {% do rewrite_table(target_relation, merged_snapshot(target_relation, strategy, sql)) %}
        {% call statement('main') %}
            select 1
        {% endcall %}
    {% else %}
        {% call statement('main') %}
            create table {{ target_relation }} using parquet as
            {{ build_snapshot_table(strategy, sql) }}
        {% endcall %}
    {% endif %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro merged_snapshot(relation, strategy, sql) %}
    {#- The rows that a merge of dbt's staging query would leave in the table. -#}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    with

    staged as (

        select * from (
            {{ snapshot_staging_table(strategy, sql, relation) }}
        ) as staging_query

    ),

    ended as (

        select
            dbt_scd_id,
            dbt_valid_to
        from staged
        where dbt_change_type in ('update', 'delete')

    )

    select
        {% for column in columns %}
            {% if column == 'dbt_valid_to' %}
                coalesce(ended.dbt_valid_to, snapshotted.dbt_valid_to) as dbt_valid_to
            {% else %}
                snapshotted.{{ column }}
            {% endif %}
            {{ "," if not loop.last }}
        {% endfor %}
    from {{ relation }} as snapshotted
    left join ended
        on
            snapshotted.dbt_scd_id = ended.dbt_scd_id
            and snapshotted.dbt_valid_to = {{ still_valid() }}

    union all

    select {{ columns | join(', ') }}
    from staged
    where dbt_change_type = 'insert'
{% endmacro %}
