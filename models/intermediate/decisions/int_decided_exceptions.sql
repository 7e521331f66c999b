-- Access that reviewers decided to keep, and whether policy allows it.
with

keeps as (

    select * from {{ ref('int_review_answers') }}
    where is_newest and decision = 'keep' and item_kind = 'finding'

),

revokes as (

    select distinct item_id from {{ ref('int_review_answers') }}
    where is_newest and decision = 'revoke'

),

policies as (

    select * from {{ ref('int_keep_policies') }}

),

measured as (

    select
        keeps.*,
        policies.policy_id,
        policies.approval,
        case
            when policies.approval = 'never' then 'policy_forbids'
            when keeps.keep_until > policies.last_allowed_date then 'longer_than_policy'
        end as policy_contradiction
    from keeps
    left join policies on keeps.decision_id = policies.decision_id

),

owner_signatures as (

    -- An owner's signature applies until the last day in their own answer, if policy allows that
    -- answer.
    select
        item_id,
        decided_by,
        answered_date,
        keep_until,
        row_number() over (
            partition by item_id order by keep_until desc, answered_date, decision_id
        ) as signature_rank
    from measured
    where reviewer_role = 'application_owner' and policy_contradiction is null

),

decided as (

    select
        measured.*,
        coalesce(owner_signatures.decided_by, measured.decided_by) as approved_by,
        coalesce(owner_signatures.answered_date, measured.answered_date) as approved_on,
        case
            when
                measured.approval = 'application_owner'
                and owner_signatures.keep_until < measured.keep_until
                then owner_signatures.keep_until
            else measured.keep_until
        end as valid_to,
        case
            when measured.policy_contradiction is not null then measured.policy_contradiction
            when revokes.item_id is not null then 'revoked_by_another'
        end as contradiction,
        case
            when measured.policy_id is null then 'no_policy'
            when measured.approval = 'application_owner' and owner_signatures.item_id is null
                then 'owner_has_not_signed'
        end as approval_missing
    from measured
    left join owner_signatures
        on measured.item_id = owner_signatures.item_id and owner_signatures.signature_rank = 1
    left join revokes on measured.item_id = revokes.item_id

),

described as (

    select
        decision_id,
        item_id,
        brid,
        application_id,
        -- An exception for excess access covers only the reason that was decided; one for missing
        -- access covers any reason.
        case when finding_type = 'missing' then 'missing' else reconciliation_reason end
            as waived_reason,
        decided_by as requested_by,
        -- Without the signature that policy asks for, nobody has approved it.
        case when coalesce(contradiction, approval_missing) is null then approved_by end
            as approved_by,
        case when coalesce(contradiction, approval_missing) is null then approved_on end
            as approved_on,
        decision_reason as rationale,
        policy_id,
        answered_date as valid_from,
        valid_to,
        case
            when contradiction is not null then 'contradicted'
            when valid_to < {{ as_of_date() }} then 'expired'
            when approval_missing is not null then 'awaiting_approval'
            else 'in_force'
        end as exception_state,
        coalesce(contradiction, approval_missing) as state_reason
    from decided

)

select * from described
