{% macro roll_back(week) %}
    {#-
    Restores the warehouse to its state before a week was first built: removes the rows of that week
    and all later ones from the weekly tables, and all later changes from the snapshots. Tables with
    only one week are rebuilt by the next build.
    -#}
    {% do refuse_outside_copies('roll_back', 'persona-access rebuild --from ' ~ week) %}
    {% for node in graph.nodes.values() %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) if node.config.materialized in ('weekly', 'snapshot') %}
        {% if relation and node.config.materialized == 'weekly' %}
            {% do drop_weeks(relation, week, and_later=true) %}
        {% elif relation %}
            {% do forget_snapshot_since(relation, week) %}
        {% endif %}
    {% endfor %}
    {% do keep_rows("runs.week_builds", "as_of_date < cast('" ~ week ~ "' as date)") %}
    {% do adapter.commit() %}
{% endmacro %}


{% macro refuse_outside_copies(macro_name, command) %}
    {#- On engines whose warehouse is not a file, backups are the task of their administrators. -#}
    {% if execute and target.type == 'duckdb' and not is_replay() %}
        {{ exceptions.raise_compiler_error(
            macro_name ~ " removes weeks, and works only on a copy of the warehouse: run `" ~
            command ~ "`."
        ) }}
    {% endif %}
{% endmacro %}


{% macro forget_this_week(relation) %}
    {#-
    Runs before a snapshot: removes the rows that an earlier build of the same week wrote, so that
    building a week again gives the same result as building it once.
    -#}
    {%- if execute and load_relation(relation) is not none -%}
        {% do forget_snapshot_since(relation, fixed_as_of_date()) %}
    {%- endif -%}
{% endmacro %}


{% macro forget_snapshot_since(relation, week) %}
    {% do adapter.dispatch('forget_snapshot_since', 'persona_access')(relation, week) %}
{% endmacro %}


{% macro default__forget_snapshot_since(relation, week) %}
    {% do keep_rows(relation, "dbt_valid_from < cast('" ~ week ~ "' as timestamp)") %}
    {% set reopened %}
        update {{ relation }} set dbt_valid_to = {{ still_valid() }}
        where dbt_valid_to >= cast('{{ week }}' as timestamp) and dbt_valid_to <> {{ still_valid() }}
    {% endset %}
    {% do run_query(reopened) %}
{% endmacro %}


{% macro spark__forget_snapshot_since(relation, week) %}
    {% set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {% set kept %}
        select
            {% for column in columns %}
                {% if column == 'dbt_valid_to' %}
                    case
                        when dbt_valid_to >= cast('{{ week }}' as timestamp) then {{ still_valid() }}
                        else dbt_valid_to
                    end as dbt_valid_to
                {% else %}
                    {{ column }}
                {% endif %}
                {{ "," if not loop.last }}
            {% endfor %}
        from {{ relation }}
        where dbt_valid_from < cast('{{ week }}' as timestamp)
    {% endset %}
    {% do rewrite_table(relation, kept) %}
{% endmacro %}


{% macro still_valid() -%}
    {#- The end of a current period: a date that can be compared, unlike null. -#}
    cast('9999-12-31' as timestamp)
{%- endmacro %}
