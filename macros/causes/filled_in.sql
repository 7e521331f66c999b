{% macro filled_in(text, parts) -%}
    {#- A text with the value of each part in place of its name in braces; one without a value is left out. -#}
    {% for _ in parts %}replace({% endfor %}{{ text }}
    {%- for name, value in parts.items() %}, '{{ "{" ~ name ~ "}" }}', coalesce({{ value }}, '')){% endfor %}
{%- endmacro %}
