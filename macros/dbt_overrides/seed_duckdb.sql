{% materialization seed, adapter='duckdb' %}
    {#-
    In dbt, a seed cannot name its own materialization, so the meta of a seed requests `read_seed`;
    every other seed uses dbt's.
    -#}
    {% if config.get('meta', {}).get('materialization') == 'read_seed' %}
        {{ return(read_seed()) }}
    {% endif %}
    {{ return(dbt.materialization_seed_default()) }}
{% endmaterialization %}
