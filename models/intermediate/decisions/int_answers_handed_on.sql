-- The person who was given an item can hand it on; if that person has left, the line above can. The
-- limit of hand-overs, and that an item never returns, are in int_hand_overs_rejected.
with

reassignments as (

    select
        item_id,
        brid,
        reviewer_brid,
        new_reviewer_brid,
        first_answered_date
    from {{ ref('int_review_answers') }}
    where is_newest and decision = 'not_mine'

),

placed as (

    {{ at_work('reassignments', 'new_reviewer_brid') }}

),

steps as (

    -- Who hands it on in their turn may leave afterwards. An earlier answer hands on nothing that
    -- came back: an item never goes in a circle.
    select
        placed.item_id,
        placed.reviewer_brid,
        placed.first_answered_date,
        case
            when onward.reviewer_brid is not null then placed.new_reviewer_brid
            else placed.at_work_brid
        end as given_to
    from placed
    left join reassignments as onward
        on
            placed.item_id = onward.item_id
            and placed.new_reviewer_brid = onward.reviewer_brid
            and placed.first_answered_date <= onward.first_answered_date

),

handed_on as (

    select
        steps.item_id,
        steps.reviewer_brid,
        {% set last = var('reassignments_allowed') - 1 %}
        case
            {% for step in range(last, 0, -1) %}
                when after_{{ step }}.item_id is not null then after_{{ step }}.given_to
            {% endfor %}
            else steps.given_to
        end as new_reviewer_brid
    from steps
    {% for step in range(1, last + 1) %}
        {% set before = 'steps' if loop.first else 'after_' ~ (step - 1) %}
        left join steps as after_{{ step }}
            on
                steps.item_id = after_{{ step }}.item_id
                and {{ before }}.given_to = after_{{ step }}.reviewer_brid
                and {{ before }}.first_answered_date <= after_{{ step }}.first_answered_date
    {% endfor %}

)

select * from handed_on
