{% macro read_seed() %}
    {#-
    DuckDB reads the file itself, with the declared types. dbt reads every cell through Python,
    which takes twenty seconds for 200,000 mapping rules.
    -#}
    {%- do refuse_unknown_configs(['column_types', 'persist_docs', 'pre-hook', 'post-hook']) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set needs_transaction = (pre_hooks or post_hooks) | length > 0 -%}
    {%- set types = [] -%}
    {%- for name, type in config.get('column_types').items() -%}
        {%- do types.append(name ~ ": '" ~ type ~ "'") -%}
    {%- endfor -%}
    {%- set later = config.get('meta').later_columns or [] -%}
    {%- do drop_other_kind(load_cached_relation(this), target_relation) -%}

    {% if pre_hooks %}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% endif %}
    {% call statement('main', fetch_result=True, auto_begin=needs_transaction) %}
        create or replace table {{ target_relation }} as
        {%- if later %}
        {#- A file of an earlier release lacks these columns: they are null. #}
        select
            {%- for name, type in config.get('column_types').items() %}
            cast({{ name }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                {%- for name in later %} cast(null as text) as {{ name }}{{ ',' if not loop.last }} {%- endfor %}
            where false
            union all by name
            select * from read_csv(
                '{{ adapter.get_seed_file_path(model) }}', header = true, delim = ',', quote = '"',
                escape = '"', all_varchar = true
            )
        ) as file
        {%- else %}
        select {{ config.get('column_types') | join(', ') }}
        from read_csv(
            '{{ adapter.get_seed_file_path(model) }}', header = true, delim = ',', quote = '"',
            escape = '"', types = { {{- types | join(', ') -}} }
        )
        {%- endif %}
        {{ 'limit 0' if flags.EMPTY }}
    {% endcall %}
    {#- dbt requests the rows for `dbt seed --show`; it gets their number. -#}
    {% do store_result('agate_table', response='OK', agate_table=load_result('main').table) %}
    {% if config.get('persist_docs') %}{% do persist_docs(target_relation, model) %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=True) }}{% endif %}
    {% if needs_transaction %}{% do adapter.commit() %}{% endif %}
    {% if post_hooks %}{{ run_hooks(post_hooks, inside_transaction=False) }}{% endif %}

    {{ return({'relations': [target_relation]}) }}
{% endmacro %}
