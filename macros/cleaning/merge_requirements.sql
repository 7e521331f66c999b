{% macro merge_requirements(column) -%}
    {#- Merges several requirements into one: prohibited beats mandatory, and mandatory beats
    optional. -#} case
        when bool_or({{ column }} = 'prohibited') then 'prohibited'
        when bool_or({{ column }} = 'mandatory') then 'mandatory'
        when bool_or({{ column }} = 'optional') then 'optional'
    end
{%- endmacro %}
