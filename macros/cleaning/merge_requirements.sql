{% macro merge_requirements(column) -%}
    {#- One requirement out of several: prohibited beats mandatory, mandatory beats optional. -#}
    case
        when bool_or({{ column }} = 'prohibited') then 'prohibited'
        when bool_or({{ column }} = 'mandatory') then 'mandatory'
        when bool_or({{ column }} = 'optional') then 'optional'
    end
{%- endmacro %}
