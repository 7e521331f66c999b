{% materialization view, adapter='duckdb' %}
    {#-
    dbt's own builds under another name, then renames and drops: ten statements, where DuckDB replaces
    a view in one. On a small week that is what a build costs. One statement needs no transaction.
    -#}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set needs_transaction = (pre_hooks or post_hooks) | length > 0 -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main', auto_begin=needs_transaction) %}
        {%- if config.get('contract').enforced -%} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        create or replace view {{ target_relation }} as (
            {{ sql }}
        )
    {% endcall %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% materialization table, adapter='duckdb' %}
    {#- As the view. Readers see the old table until the transaction ends. -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set is_contracted = config.get('contract').enforced -%}
    {%- set needs_transaction = is_contracted or (pre_hooks or post_hooks) | length > 0 -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
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
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% materialization seed, adapter='duckdb' %}
    {#-
    DuckDB reads the file itself. dbt's own first takes every cell through Python, twenty seconds for
    200,000 mapping rules.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set needs_transaction = (pre_hooks or post_hooks) | length > 0 -%}
    {%- set types = [] -%}
    {%- for name, type in config.get('column_types').items() -%}
        {%- do types.append(name ~ ": '" ~ type ~ "'") -%}
    {%- endfor -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main', fetch_result=True, auto_begin=needs_transaction) %}
        create or replace table {{ target_relation }} as
        select {{ config.get('column_types') | join(', ') }}
        from read_csv(
            '{{ adapter.get_seed_file_path(model) }}', header = true, delim = ',', quote = '"',
            escape = '"', types = { {{- types | join(', ') -}} }
        )
        {{ 'limit 0' if flags.EMPTY }}
    {% endcall %}
    {#- dbt asks for the rows, to show them with `dbt seed --show`; it gets their number. -#}
    {% do store_result('agate_table', response='OK', agate_table=load_result('main').table) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro drop_other_kind(existing, target) %}
    {#- DuckDB replaces a view by a view and a table by a table; a model that changed kind is dropped. -#}
    {% if existing is not none and existing.type != target.type %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}
{% endmacro %}
