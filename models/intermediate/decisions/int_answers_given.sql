with

answers as (

    select
        *,
        concat_ws(
            '|',
            decision,
            coalesce(cast(keep_until as {{ dbt.type_string() }}), ''),
            coalesce(persona_id, ''),
            coalesce(new_reviewer_brid, '')
        ) as said
    from {{ ref('stg_reviews__answers') }}
    where
        decision is not null
        -- The list of this week is made after this model: next week compares this day's answers
        -- with it.
        and not coalesce(list_week = answered_date and list_week = {{ as_of_date() }}, false)

),

first_checked as (

    select min(answered_date) as checked_since from answers
    where code_state <> 'unchecked'

),

contradicting as (

    -- Two different answers for one item in one file: it is unknown which one was meant.
    select
        load_id,
        reviewer_brid,
        list_week,
        item_id
    from answers
    group by 1, 2, 3, 4
    having min(said) < max(said)

),

given as (

    select
        {% for column in [
            'decision_id', 'load_id', 'file_name', 'row_number', 'answered_date', 'version',
            'batch', 'item_id', 'list_week', 'reviewer_brid', 'code_state', 'decision',
            'decision_reason', 'keep_until', 'persona_id', 'new_reviewer_brid', 'decided_by',
            'decided_at', 'said'
        ] %}
            answers.{{ column }},
        {% endfor %}
        contradicting.item_id is not null as is_contradicting,
        -- Once codes are checked, an unchecked answer proves nothing.
        coalesce(
            answers.code_state = 'unchecked'
            and answers.answered_date >= first_checked.checked_since,
            false
        ) as is_check_left_out
    from answers
    cross join first_checked
    left join contradicting
        on
            answers.load_id = contradicting.load_id
            and answers.reviewer_brid = contradicting.reviewer_brid
            and answers.list_week = contradicting.list_week
            and answers.item_id = contradicting.item_id

)

select * from given
