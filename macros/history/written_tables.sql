{% macro refuse_parents_of_another_week(week, newest) %}
    {#-
    A model, snapshot or test can be computed for a week only from parents with this week: those
    that this command computes first, and those that runs.written_tables lists for it.
    -#}
    {% set held = {} %}
    {% for row in run_query("select node_id, as_of_date from runs.written_tables").rows %}
        {% do held.update({row[0]: row[1] | string}) %}
    {% endfor %}
    {% set others, weeks = [], [] %}
    {#- With `--defer`, tables that are not built are read from another warehouse. -#} {% for node
    in graph.nodes.values() if node.unique_id in selected_resources and not
    invocation_args_dict.get("defer") %}
        {#- Unit tests of macros read no table. -#}
        {% for parent in tables_read(node.depends_on.nodes) %}
            {% if held.get(parent) != week and parent.split('.')[2] not in others %}
                {% do others.append(parent.split('.')[2]) %}
                {% do weeks.append(held.get(parent) or 'none') %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if others %}
        {% set shown = others[:3] | join(', ') ~ (' and ' ~ (others | length - 3) ~ ' more' if others | length > 3 else '') %}
        {% set known = weeks | unique | reject('equalto', 'none') | list %}
        {{ exceptions.raise_compiler_error(
            "This selection computes the week " ~ week ~ ", but " ~ shown ~ ", which it reads, "
            ~ ("hold" if others | length > 1 else "holds") ~ " "
            ~ ("the week " ~ known[0] if known else "no whole week") ~ ": build the whole week with "
            ~ ("`dbt build`" if week == newest else "`persona-access build`")
            ~ (", or add --vars '{as_of_date: " ~ newest ~ "}' to work on the newest built week"
                if newest and newest != week and 'none' not in weeks) ~ "."
        ) }}
    {% endif %}
{% endmacro %}


{% macro tables_read(parents) %}
    {#- The tables among these parents that this command does not write; an ephemeral model is its own parents. -#}
    {% set tables = [] %}
    {% for parent in parents if parent not in selected_resources and parent.split('.')[0] in ('model', 'snapshot') %}
        {% set node = graph.nodes[parent] %}
        {% do tables.extend(tables_read(node.depends_on.nodes) if node.config.materialized == 'ephemeral' else [parent]) %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}


{% macro open_written_tables() %}
    {#- In a warehouse older than this record, every table has the week of its newest complete
    build. -#} {% do run_query(
        "create table if not exists runs.written_tables (node_id " ~ dbt.type_string()
        ~ ", as_of_date date, invocation_id " ~ dbt.type_string() ~ ")"
    ) %}
    {% set n_written = run_query("select count(*) from runs.written_tables").rows[0][0] %}
    {% set last = run_query(
        "select as_of_date, invocation_id, is_complete from runs.week_builds order by started_at desc limit 1"
    ).rows if n_written == 0 %}
    {% if last and last[0][2] %}
        {% set ids = [] %}
        {% for node in graph.nodes.values() if node.resource_type in ('model', 'snapshot') %}
            {% if adapter.get_relation(node.database, node.schema, node.alias) %}
                {% do ids.append(node.unique_id) %}
            {% endif %}
        {% endfor %}
        {% do insert_written_tables(ids, last[0][0], last[0][1]) %}
    {% endif %}
{% endmacro %}


{% macro forget_written_tables() %}
    {#- A table that a command is about to write has no known week until the command ends. -#}
    {% if flags.WHICH != 'test' %}
        {% set ids = [] %}
        {% for id in selected_resources if id.split('.')[0] in ('model', 'snapshot') %}
            {% do ids.append("'" ~ id ~ "'") %}
        {% endfor %}
        {% if ids %}
            {% do keep_rows("runs.written_tables", "node_id not in (" ~ ids | join(", ") ~ ")") %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro record_written_tables() %}
    {#- Runs at the end of every dbt command and records which week each table now has. -#}
    {% if execute and flags.WHICH in ('build', 'run', 'snapshot') %}
        {% set ids = [] %}
        {% for result in results if result.status | string == 'success' and result.node.resource_type | string in ('model', 'snapshot') %}
            {% do ids.append(result.node.unique_id) %}
        {% endfor %}
        {% do insert_written_tables(ids, fixed_as_of_date(), invocation_id) %}
    {% endif %}
{% endmacro %}


{% macro insert_written_tables(ids, week, build) %}
    {% set rows = [] %}
    {% for id in ids %}
        {% do rows.append("('" ~ id ~ "', cast('" ~ week ~ "' as date), '" ~ build ~ "')") %}
    {% endfor %}
    {% if rows %}
        {% do run_query("insert into runs.written_tables values " ~ rows | join(", ")) %}
    {% endif %}
{% endmacro %}
