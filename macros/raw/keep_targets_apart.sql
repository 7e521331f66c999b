{% macro keep_targets_apart() %}
    {#-
    Runs first in every build. `persona-access` refuses a home of another target on its own; this is
    for a bare dbt, which can also get its target by --target.
    -#}
    {% if execute and target.name in ['dev', 'staging', 'production'] %}
        {% set home = env_var('PERSONA_ACCESS_HOME', 'data') %}
        {% set owner = home_owner(home) %}
        {% if owner not in [none, "", target.name] %}
            {{ exceptions.raise_compiler_error(
                home ~ " belongs to the target '" ~ owner ~ "', and this is '" ~ target.name
                ~ "'. Set PERSONA_ACCESS_HOME to another folder, or PERSONA_ACCESS_TARGET to that target."
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro home_owner(home) %}
    {{ return(adapter.dispatch('home_owner', 'persona_access')(home)) }}
{% endmacro %}


{% macro default__home_owner(home) %}
    {#- Other engines store nothing in a home. -#}
    {{ return(none) }}
{% endmacro %}


{% macro duckdb__home_owner(home) %}
    {#- A glob, because a missing file would be an error. -#} {% set found = run_query("select
    trim(content, e' \n') from read_text('" ~ home ~ "/.target*')") %} {{ return(found.rows[0][0] if
    found.rows else none) }}
{% endmacro %}
