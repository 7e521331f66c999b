{% macro is_suggestion() -%}
    {#- Whether a learned persona is only suggested and not assigned, for any reason. -#}
    candidate_outcome in ('below_threshold', 'joined_since', 'cost_center_reorganised')
{%- endmacro %}
