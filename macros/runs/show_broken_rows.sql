{% macro show_broken_rows() %}
    {#-
    Runs at the end of every command that tests, and shows a few of the rows that broke each test:
    dbt itself only counts them. Rows name people and dbt keeps a log, so a bare dbt shows none
    unless PERSONA_ACCESS_LOG_PEOPLE is set; our commands set it, and replace people with pseudonyms
    in their logs.
    -#}
    {% if execute and flags.WHICH in ('build', 'test') and env_var('PERSONA_ACCESS_LOG_PEOPLE', '') | lower in ('true', '1') %}
        {% for result in results if result.status in ('fail', 'warn') and result.node.compiled_code %}
            {% set broken = run_query(
                "select * from (\n" ~ result.node.compiled_code ~ "\n) as broken_rows limit 5"
            ) %}
            {% for row in broken.rows %}
                {% set values = [] %}
                {% for name in broken.column_names if row[name] is not none %}
                    {% do values.append(name ~ ' = ' ~ row[name]) %}
                {% endfor %}
                {% do log(result.node.name ~ ': ' ~ values | join(', '), info=true) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}
