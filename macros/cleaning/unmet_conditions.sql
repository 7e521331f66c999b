{% macro unmet_conditions(people, conditions, decision_key) -%}
    {#- The CTE `unmet_conditions`: the decisions that require attributes which a person lacks, by
    the person's attributes. -#}
held_attributes as (

    select coalesce(attributes_key, '') as attributes_key from {{ people }}
    group by 1

),

unmet_conditions as (

    select
        held_attributes.attributes_key,
        {% for column in decision_key %}
        conditions.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from held_attributes
    cross join {{ conditions }} as conditions
    where {{ dbt.position('conditions.condition_text', 'held_attributes.attributes_key') }} = 0
    group by {{ range(1, decision_key | length + 2) | join(', ') }}

)
{%- endmacro %}
