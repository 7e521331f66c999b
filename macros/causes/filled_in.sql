{% macro filled_in(text) -%}
    {#- A text about a cause with values in place of the names in braces; null becomes empty. -#}
    {%- set values = {
        'person': 'subject_brid',
        'persona': 'subject_persona_id',
        'application': 'subject_application_id',
        'alternative': 'alternative_application_id',
        'fitting': 'proposed_persona_id',
        'rule': 'left(subject_detail, length(subject_detail) - 11)',
        'day': 'right(subject_detail, 10)',
        'feed': "replace(replace(subject_detail, '_row_quarantined', ''), '_', ' ')",
        'reason': "replace(subject_detail, '_', ' ')",
        'supporting': grouped_number('n_supporting'),
        'considered': grouped_number('n_considered'),
        'findings': counted_noun('n_findings', 'finding', 'findings'),
        'people': counted_noun('n_people', 'person', 'people'),
        'accounts': counted_noun('n_people', 'account', 'accounts'),
        'applications': counted_noun('n_applications', 'application', 'applications'),
        'detail': 'subject_detail',
    } -%}
    {%- for _ in values %}replace({% endfor %}{{ text }}
    {%- for name, value in values.items() %}, '{{ "{" ~ name ~ "}" }}', coalesce({{ value }}, '')){% endfor %}
{%- endmacro %}
