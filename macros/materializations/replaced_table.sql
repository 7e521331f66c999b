{% materialization replaced_table, default %}
    {#- A table like dbt's, which each engine can create in its own way. -#}
    {{ return(adapter.dispatch('replaced_table', 'persona_access')()) }}
{% endmaterialization %}


{% macro default__replaced_table() %}
    {{ return(dbt.materialization_table_default()) }}
{% endmacro %}


{% macro spark__replaced_table() %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmacro %}


{% macro duckdb__replaced_table() %}
    {#- Like the view. Readers see the old table until the transaction ends. -#}
    {%- do refuse_unknown_configs(['persist_docs', 'pre-hook', 'post-hook']) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_contracted = config.get('contract').enforced -%}
    {%- set needs_transaction = is_contracted or (pre_hooks or post_hooks) | length > 0 -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {#- An empty list costs as much as a small view: two macros of dbt for each kind of hook. -#}
    {% if pre_hooks %}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% endif %}
    {% call statement('main', auto_begin=needs_transaction) %}
        {%- if is_contracted -%}
            {{ get_assert_columns_equivalent(sql) }}
            create or replace table {{ target_relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ target_relation }} {{ get_column_names() }}
            {{ get_select_subquery(sql) }}
        {%- else -%}
            create or replace table {{ target_relation }} as (
                {{ sql }}
            )
        {%- endif -%}
    {% endcall %}
    {% if config.get('persist_docs') %}{% do persist_docs(target_relation, model) %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=True) }}{% endif %}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=False) }}{% endif %}

    {{ return({'relations': [target_relation]}) }}
{% endmacro %}
