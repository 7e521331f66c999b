-- The person who was given an item can hand it on; if that person has left, the line above can. The
-- limit of hand-overs, and that an item never returns, are in int_answers_handed_in_vain.
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

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

employee_reviewers as (

    select
        brid,
        reviewer_brid
    from {{ ref('int_employee_reviewers') }}

),

steps as (

    -- Who hands it on in their turn may leave afterwards. An earlier answer hands on nothing that
    -- came back: an item never goes in a circle.
    select
        reassignments.item_id,
        reassignments.reviewer_brid,
        reassignments.first_answered_date,
        case
            when employees.brid is not null or onward.reviewer_brid is not null
                then reassignments.new_reviewer_brid
            when reviewers_above.reviewer_brid <> reassignments.brid
                then reviewers_above.reviewer_brid
            else employee_reviewers.reviewer_brid
        end as given_to
    from reassignments
    left join reassignments as onward
        on
            reassignments.item_id = onward.item_id
            and reassignments.new_reviewer_brid = onward.reviewer_brid
            and reassignments.first_answered_date <= onward.first_answered_date
    left join employees on reassignments.new_reviewer_brid = employees.brid
    left join employee_reviewers as reviewers_above
        on reassignments.new_reviewer_brid = reviewers_above.brid
    left join employee_reviewers on reassignments.brid = employee_reviewers.brid

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
