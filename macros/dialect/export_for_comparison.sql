{% macro export_for_comparison(folder) %}
    {#-
    Writes published tables as Parquet, one folder for each, so that they can be compared with
    another engine's tables without using either engine: `dbt run-operation`, on Spark.
    -#}
    {% set relations = ['runs.test_results'] %}
    {% for node in graph.nodes.values() if node.schema in ('marts', 'snapshots') and node.resource_type in ('model', 'snapshot') %}
        {% do relations.append(node.schema ~ '.' ~ node.alias) %}
    {% endfor %}
    {% for relation in relations %}
        {% do run_query(
            "insert overwrite directory '" ~ folder ~ "/" ~ relation ~ "' using parquet select * from " ~ relation
        ) %}
    {% endfor %}
{% endmacro %}
