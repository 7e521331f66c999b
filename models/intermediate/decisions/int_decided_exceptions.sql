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

owner_keeps as (

    select
        item_id,
        min(reviewer_brid) as approved_by,
        min(answered_date) as approved_on
    from keeps
    where reviewer_role = 'application_owner'
    group by 1

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

decided as (

    select
        keeps.*,
        matching_policies.policy_id,
        coalesce(owner_keeps.approved_by, keeps.decided_by) as approved_by,
        coalesce(owner_keeps.approved_on, keeps.answered_date) as approved_on,
        case
            when matching_policies.approval = 'never' then 'policy_forbids'
            when
                keeps.keep_until
                > {{ dbt.dateadd('day', 'matching_policies.max_days', 'keeps.answered_date') }}
                then 'longer_than_policy'
            when revokes.item_id is not null then 'revoked_by_another'
        end as contradiction,
        case
            when matching_policies.policy_id is null then 'no_policy'
            when matching_policies.approval = 'application_owner' and owner_keeps.item_id is null
                then 'owner_has_not_signed'
        end as approval_missing
    from keeps
    left join matching_policies
        on keeps.decision_id = matching_policies.decision_id and matching_policies.policy_rank = 1
    left join owner_keeps on keeps.item_id = owner_keeps.item_id
    left join revokes on keeps.item_id = revokes.item_id

),

described as (

    select
        decision_id,
        item_id,
        brid,
        application_id,
        decided_by as requested_by,
        approved_by,
        approved_on,
        decision_reason as rationale,
        policy_id,
        answered_date as valid_from,
        keep_until as valid_to,
        case
            when contradiction is not null then 'contradicted'
            when keep_until < {{ as_of_date() }} then 'expired'
            when approval_missing is not null then 'awaiting_approval'
            else 'in_force'
        end as exception_state,
        coalesce(contradiction, approval_missing) as state_reason
    from decided

)

select * from described
