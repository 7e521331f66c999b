{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Readers write `marts.dim_employees`, so a layer's schema has the layer's name only. -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
