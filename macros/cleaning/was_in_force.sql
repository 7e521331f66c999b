{% macro was_in_force(grants) -%}
    {#- Condition: a row of an earlier extract gave access on the day of that extract. -#}
    {{ grants }}.account_meaning = 'active'
    and ({{ grants }}.granted_date is null or {{ grants }}.granted_date <= {{ grants }}.extract_date)
    and ({{ grants }}.expires_date is null or {{ grants }}.expires_date >= {{ grants }}.extract_date)
{%- endmacro %}
