{% materialization replaced_view, default %}
    {#- A view like dbt's, which each engine can create in its own way. -#}
    {{ return(adapter.dispatch('replaced_view', 'persona_access')()) }}
{% endmaterialization %}


{% macro default__replaced_view() %}
    {{ return(dbt.materialization_view_default()) }}
{% endmacro %}


{% macro spark__replaced_view() %}
    {{ return(dbt.materialization_view_spark()) }}
{% endmacro %}


{% macro duckdb__replaced_view() %}
    {#-
    dbt's own materialization builds under another name, renames and drops: ten statements, whereas
    DuckDB replaces a view in one, without a transaction. In a small week, that is most of the cost
    of a build.
    -#}
    {%- do refuse_unknown_configs(['persist_docs', 'pre-hook', 'post-hook']) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set needs_transaction = (pre_hooks or post_hooks) | length > 0 -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {#- An empty list costs as much as a small view: two macros of dbt for each kind of hook. -#}
    {% if pre_hooks %}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% endif %}
    {% call statement('main', auto_begin=needs_transaction) %}
        {%- if config.get('contract').enforced -%} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        create or replace view {{ target_relation }} as (
            {{ sql }}
        )
    {% endcall %}
    {% if config.get('persist_docs') %}{% do persist_docs(target_relation, model) %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=True) }}{% endif %}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=False) }}{% endif %}

    {{ return({'relations': [target_relation]}) }}
{% endmacro %}
