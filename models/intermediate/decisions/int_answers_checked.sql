-- The conditions that an answer must meet to count. The first match wins, as in the table of
-- docs/reviews.md.
with

answers as (

    select * from {{ ref('int_answers_given') }}

),

authorised as (

    select * from {{ ref('int_answers_authorised') }}

),

lists as (

    select * from {{ ref('stg_history__review_lists') }}

),

reviewers_with_list as (

    select distinct
        as_of_date,
        reviewer_brid
    from lists

),

answered_personas as (

    select * from {{ ref('int_answered_personas') }}

),

looked_up as (

    select
        {% for column in [
            'decision_id', 'load_id', 'file_name', 'row_number', 'answered_date', 'version',
            'batch', 'item_id', 'list_week', 'reviewer_brid', 'code_state', 'decision',
            'decision_reason', 'keep_until', 'persona_id', 'new_reviewer_brid', 'decided_by',
            'decided_at', 'said', 'is_contradicting', 'is_check_left_out'
        ] %}
            answers.{{ column }},
        {% endfor %}
        authorised.is_decider_named,
        authorised.is_decider_at_work,
        authorised.is_new_reviewer_at_work,
        case answers.decision when 'attest' then 'attestation' else lists.item_kind end
            as item_kind,
        lists.reviewer_role,
        lists.campaign_id,
        lists.brid,
        lists.application_id,
        lists.finding_type,
        lists.reconciliation_reason,
        coalesce(lists.is_privileged, false) as is_privileged,
        lists.registry_load_id,
        case answers.decision
            when 'attest'
                then
                    answers.item_id = 'attestation'
                    and reviewers_with_list.reviewer_brid is not null
            else lists.item_id is not null
        end as is_on_list,
        coalesce(answered_personas.is_persona_known, false) as is_persona_known
    from answers
    inner join authorised on answers.decision_id = authorised.decision_id
    left join lists
        on
            answers.list_week = lists.as_of_date
            and answers.reviewer_brid = lists.reviewer_brid
            and answers.item_id = lists.item_id
    left join reviewers_with_list
        on
            answers.list_week = reviewers_with_list.as_of_date
            and answers.reviewer_brid = reviewers_with_list.reviewer_brid
    left join answered_personas on answers.decision_id = answered_personas.decision_id

),

checked as (

    select
        *,
        case
            when code_state = 'invalid' then 'bad_code'
            when is_check_left_out then 'code_not_checked'
            when answered_date < list_week then 'older_than_its_list'
            when not is_on_list then 'not_on_the_list'
            when decided_by = brid then 'self_review'
            when not is_decider_named then 'not_the_reviewer'
            when not is_decider_at_work then 'decider_has_left'
            when is_contradicting then 'contradicts_itself'
            when decision = 'revoke' and finding_type = 'missing' then 'nothing_to_revoke'
            when decision = 'keep' and item_kind = 'finding' and decision_reason is null
                then 'reason_missing'
            when decision = 'keep' and item_kind = 'finding' and keep_until is null
                then 'end_missing'
            when decision = 'keep' and keep_until <= answered_date then 'end_in_the_past'
            when decision = 'wrong_persona' and not is_persona_known then 'persona_unknown'
            when
                decision = 'not_mine'
                and (
                    not is_new_reviewer_at_work
                    or new_reviewer_brid = reviewer_brid
                    or new_reviewer_brid = brid
                )
                then 'new_reviewer_unusable'
        end as rejection_reason
    from looked_up

)

select * from checked
