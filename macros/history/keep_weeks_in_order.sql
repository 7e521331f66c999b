{% macro keep_weeks_in_order() %}
    {#-
    Runs at the start of every command that builds snapshots, and refuses a week older than one that
    was built: what the newer week learned from its past would stay, and no longer be true.
    -#}
    {% if execute and 'snapshot.' in selected_resources | join(' ') %}
        {% set newest = newest_week_built() %}
        {% if newest is not none and fixed_as_of_date() | string < newest %}
            {{ exceptions.raise_compiler_error(
                "The week " ~ newest ~ " is built already, and it rests on the weeks before it: build "
                ~ fixed_as_of_date() ~ " and all weeks after it in order with `persona-access rebuild "
                ~ "--from " ~ fixed_as_of_date() ~ "`."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro newest_week_built() %}
    {#- The newest week that a whole build was tried for, as text; none before the first. -#}
    {% set builds = adapter.get_relation(database=target.database, schema='runs', identifier='week_builds') %}
    {% set newest = run_query("select max(as_of_date) from " ~ builds).columns[0].values()[0] if builds else none %}
    {{ return(newest | string if newest else none) }}
{% endmacro %}
