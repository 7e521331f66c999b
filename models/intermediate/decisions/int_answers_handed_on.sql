-- Whoever was given an item may hand it on: how often, and that it never comes back, is the matter
-- of int_answers_handed_in_vain.
with

reassignments as (

    select
        item_id,
        reviewer_brid,
        new_reviewer_brid
    from {{ ref('int_review_answers') }}
    where is_newest and decision = 'not_mine'

),

handed_on as (

    select
        reassignments.item_id,
        reassignments.reviewer_brid,
        coalesce(
            {% for step in range(var('reassignments_allowed') - 1, 0, -1) %}
                after_{{ step }}.new_reviewer_brid,
            {% endfor %}
            reassignments.new_reviewer_brid
        ) as new_reviewer_brid
    from reassignments
    {% for step in range(1, var('reassignments_allowed')) %}
        {% set before = 'reassignments' if loop.first else 'after_' ~ (step - 1) %}
        left join reassignments as after_{{ step }}
            on
                reassignments.item_id = after_{{ step }}.item_id
                and {{ before }}.new_reviewer_brid = after_{{ step }}.reviewer_brid
    {% endfor %}

)

select * from handed_on
