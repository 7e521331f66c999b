-- What reviewers decided to keep, and whether policy lets it be kept.
with

answers as (

    select * from {{ ref('int_review_answers') }}
    where is_newest

),

keeps as (

    select * from answers
    where decision = 'keep' and item_kind = 'finding'

),

revokes as (

    select distinct item_id from answers
    where decision = 'revoke'

),

policies as (

    select * from {{ ref('stg_decisions__exception_policy') }}
    where is_in_force

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

matching_policies as (

    -- The most exact row counts: of an application, then of a reason, then of a privilege.
    select
        keeps.decision_id,
        policies.policy_id,
        policies.approval,
        policies.max_days,
        row_number() over (
            partition by keeps.decision_id
            order by
                case when policies.application_spelling = '*' then 1 else 0 end,
                case when policies.reconciliation_reason = '*' then 1 else 0 end,
                case when policies.is_privileged = '*' then 1 else 0 end,
                policies.policy_id
        ) as policy_rank
    from keeps
    cross join policies
    left join aliases on policies.application_spelling = aliases.application_spelling
    where
        coalesce(aliases.application_id, policies.application_spelling)
        in ('*', keeps.application_id)
        and policies.reconciliation_reason in ('*', keeps.reconciliation_reason)
        and policies.is_privileged
        in ('*', case when keeps.is_privileged then 'true' else 'false' end)

),

measured as (

    select
        keeps.*,
        matching_policies.policy_id,
        matching_policies.approval,
        case
            when matching_policies.approval = 'never' then 'policy_forbids'
            when
                keeps.keep_until
                > {{ dbt.dateadd('day', 'matching_policies.max_days', 'keeps.answered_date') }}
                then 'longer_than_policy'
        end as policy_contradiction
    from keeps
    left join matching_policies
        on keeps.decision_id = matching_policies.decision_id and matching_policies.policy_rank = 1

),

owner_signatures as (

    -- An owner signs for the term of their own answer, if policy allows that one.
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
        -- It covers the reason that was decided; missing access whatever the reason.
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
