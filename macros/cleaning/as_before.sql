{% macro as_before(known, delivered) -%}
    {#- The known value of a row that `read_as_before`, a relation that is joined, has; else the delivered one. -#}
    case
        when read_as_before.row_number is not null then read_as_before.{{ known }}
        else {{ delivered }}
    end
{%- endmacro %}
