{% macro deciding_columns(feed) %}
    {#-
    The columns of a feed whose values decide about people and access, by name: `value`, the SQL of
    the text that models read, and `kind`: words (few, known ones), date or text.
    -#}
    {% set columns = {} %}
    {% for node in (graph.sources.values() if execute else []) if node.name == feed %}
        {% for name, column in node.columns.items() %}
            {% set meta = column.config.meta %}
            {% if meta.is_added_by_loader or meta.is_value_required or meta.is_descriptive %}
                {# Keys identify rows, and the loader's own columns differ in every file. #}
            {% elif meta.parse_as == 'boolean' %}
                {% set word = "case when " ~ to_boolean(name) ~ " then 'true' else 'false' end" %}
                {% do columns.update({name: {'kind': 'words', 'value': word}}) %}
            {% elif meta.meanings %}
                {% do columns.update(
                    {name: {'kind': 'words', 'value': to_meaning(node.source_name, feed, name)}}
                ) %}
            {% elif meta.parse_as == 'date' %}
                {% do columns.update(
                    {name: {'kind': 'date', 'value': 'left(' ~ landed_text(name) ~ ', 10)'}}
                ) %}
            {% else %}
                {% do columns.update(
                    {name: {'kind': 'text', 'value': 'lower(' ~ landed_text(name) ~ ')'}}
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {#- While dbt parses, the sources are unknown. -#}
    {{ return(columns or {'nothing': {'kind': 'text', 'value': 'file_name'}}) }}
{% endmacro %}
