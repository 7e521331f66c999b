-- While an answer is in effect, so is the file that says so, with all other answers about the item.
with

answers as (

    select
        load_id,
        item_id,
        decision_state
    from {{ ref('fct_review_decisions') }}
    where as_of_date = {{ as_of_date() }} and decision_state <> 'rejected'

),

tickets as (

    select
        load_id,
        item_id
    from {{ ref('stg_reviews__answers') }}
    where ticket_number is not null

),

items_in_effect as (

    select item_id from answers
    where
        decision_state in ('exception_in_force', 'removal_requested', 'still_held', 'returned')

    union

    select item_id from {{ ref('fct_review_lists') }}
    where as_of_date = {{ as_of_date() }}

),

files_in_effect as (

    select answers.load_id
    from answers
    inner join items_in_effect on answers.item_id = items_in_effect.item_id

    union

    select tickets.load_id
    from tickets
    inner join items_in_effect on tickets.item_id = items_in_effect.item_id

)

select * from files_in_effect
