{% macro finding_ages() %}
    {#- The age groups of open and suspended findings: first day, last day, name; each finding has
    one. -#} {{ return([
        (0, 7, 'up to 7 days'),
        (8, 30, '8 to 30 days'),
        (31, 90, '31 to 90 days'),
        (91, 1000000, 'more than 90 days'),
    ]) }}
{% endmacro %}
