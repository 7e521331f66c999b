{% macro as_before(known, delivered) -%}
    {#- The known value if the joined relation `read_as_before` has the row; else the delivered one.
    -#} case
        when read_as_before.row_number is not null then read_as_before.{{ known }}
        else {{ delivered }}
    end
{%- endmacro %}
