{% macro at_work(relation, reviewer) %}
    {#-
    Query: the rows of a relation, whether a reviewer of them left (`has_left`), and who reviews instead (`at_work_brid`).
    A person who left reviews nothing: the line above does, or else the person's own reviewer.
    -#}
    select
        {{ relation }}.*,
        {{ relation }}.{{ reviewer }} is not null and people_at_work.brid is null as has_left,
        case
            when {{ relation }}.{{ reviewer }} is null or people_at_work.brid is not null
                then {{ relation }}.{{ reviewer }}
            when reviewers_above.reviewer_brid <> {{ relation }}.brid then reviewers_above.reviewer_brid
            else own_reviewers.reviewer_brid
        end as at_work_brid
    from {{ relation }}
    left join {{ ref('int_employees') }} as people_at_work
        on {{ relation }}.{{ reviewer }} = people_at_work.brid and people_at_work.is_employed
    left join {{ ref('int_employee_reviewers') }} as reviewers_above
        on {{ relation }}.{{ reviewer }} = reviewers_above.brid
    left join {{ ref('int_employee_reviewers') }} as own_reviewers
        on {{ relation }}.brid = own_reviewers.brid
{% endmacro %}
