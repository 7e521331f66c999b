{% macro is_suggestion() -%}
    {#- Whether a learned persona is shown to people and assigned to nobody, for whatever reason. -#}
    candidate_outcome in ('below_threshold', 'joined_since', 'cost_center_reorganised')
{%- endmacro %}
