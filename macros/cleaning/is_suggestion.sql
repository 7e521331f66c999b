{% macro is_suggestion() -%}
    {#- Whether a learned persona is only suggested and not assigned, for any reason. -#}
    candidate_outcome in (
        'below_threshold', 'joined_since', 'cost_center_reorganised', 'training_expired'
    )
{%- endmacro %}

{% macro why_not_assigned() -%}
    {#- What keeps a persona that is sure enough from being assigned, as the start of a text. -#}
    case candidate_outcome
        when 'joined_since' then 'Not assigned, as the person arrived after the training. '
        when 'cost_center_reorganised'
            then 'Not assigned, as the cost center has other people than at the training. '
        when 'training_expired' then 'Not assigned, as the training is too old. '
        else ''
    end
{%- endmacro %}
