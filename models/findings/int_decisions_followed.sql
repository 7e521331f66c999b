{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

decisions as (

    select * from {{ ref('int_decisions_seen') }}

),

previous_week as (

    select * from {{ ref('stg_history__review_decisions') }}
    where as_of_date = {{ previous_date }}

),

decided as (

    select
        decisions.*,
        case
            when decisions.rejection_reason is not null then 'rejected'
            when not decisions.is_newest then 'superseded'
            when decisions.decision = 'attest' then 'attested'
            when decisions.decision = 'not_mine' then 'reassigned'
            when decisions.decision = 'wrong_persona' then 'persona_disputed'
            when decisions.decision = 'keep' and decisions.exception_state is null then 'confirmed'
            when decisions.decision = 'keep' and decisions.exception_state = 'awaiting_approval'
                then 'awaiting_approval'
            when
                decisions.decision = 'keep'
                and decisions.exception_state = 'in_force'
                and decisions.is_finding_changed
                then 'exception_contradicted'
            when decisions.decision = 'keep'
                then concat_ws('_', 'exception', decisions.exception_state)
            when
                decisions.item_kind = 'finding'
                and decisions.seen_as = 'held'
                and decisions.is_right_now
                then 'superseded'
            -- That closed the finding: access that becomes wrong again is another finding.
            when previous_week.state_reason = 'access_became_expected' then 'superseded'
            when decisions.seen_as = 'gone' then 'removed'
            when
                decisions.seen_as = 'unknown'
                and previous_week.decision_state in ('removed', 'returned')
                then previous_week.decision_state
            when decisions.seen_as = 'held' and previous_week.first_gone_date is not null
                then 'returned'
            when decisions.removal_due_date < {{ as_of_date() }} then 'still_held'
            else 'removal_requested'
        end as decision_state,
        coalesce(
            decisions.seen_as = 'gone' and previous_week.decision_state is distinct from 'removed',
            false
        ) as is_newly_gone,
        previous_week.last_held_date as previous_held_date,
        previous_week.last_held_load_id as previous_held_load_id,
        previous_week.first_gone_date as previous_gone_date,
        previous_week.first_gone_load_id as previous_gone_load_id,
        previous_week.returned_date as previous_returned_date
    from decisions
    left join previous_week on decisions.decision_id = previous_week.decision_id

),

proven as (

    select
        decision_id,
        decision_state,
        case
            when rejection_reason is not null then rejection_reason
            when is_repeated then 'repeated_answer'
            when decision_state = 'superseded' and not is_newest then 'newer_answer'
            when decision_state = 'superseded' then 'access_became_expected'
            when exception_state = 'in_force' and is_finding_changed then 'finding_changed'
            else exception_reason
        end as state_reason,
        exception_approved_by,
        exception_valid_to,
        case when is_removal then removal_due_date end as removal_due_date,
        {% for column, this_week, on_the_list in [
            ('date', as_of_date(), 'list_week'), ('load_id', 'this_load_id', 'registry_load_id')
        ] %}
            case
                when not is_removal then null
                when seen_as = 'held' then {{ this_week }}
                else coalesce(previous_held_{{ column }}, {{ on_the_list }})
            end as last_held_{{ column }},
            case
                when not is_removal then null
                when is_newly_gone then {{ this_week }}
                else previous_gone_{{ column }}
            end as first_gone_{{ column }},
        {% endfor %}
        case
            when decision_state = 'returned' and previous_returned_date is null
                then {{ as_of_date() }}
            else previous_returned_date
        end as returned_date
    from decided

)

select * from proven
