with

exceptions as (

    select * from {{ ref('int_exceptions') }}

),

overtaken as (

    -- Only this week's statuses show whether the access has changed since the decision.
    select decision_id from {{ ref('fct_review_decisions') }}
    where as_of_date = {{ as_of_date() }} and decision_state = 'exception_contradicted'

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        exceptions.exception_kind,
        exceptions.exception_id,
        exceptions.brid,
        exceptions.application_id,
        exceptions.persona_id,
        exceptions.purpose,
        exceptions.owner_brid,
        case
            when overtaken.decision_id is not null then 'contradicted'
            else exceptions.exception_state
        end as exception_state,
        exceptions.valid_from,
        exceptions.valid_to,
        exceptions.n_days_left,
        exceptions.requested_by,
        exceptions.approved_by,
        exceptions.approved_on,
        exceptions.rationale
    from exceptions
    left join overtaken
        on
            exceptions.exception_id = overtaken.decision_id
            and exceptions.exception_kind = 'review_decision'

)

select * from described
