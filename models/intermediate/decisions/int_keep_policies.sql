{% set in_force_then = is_in_force(
    'policies.valid_from', 'policies.valid_to', 'keeps.answered_date'
) %}

-- The most specific row counts: by application, then by reason, then by privilege. Access that
-- could be kept on the day of the answer stays kept when policy changes.
with

keeps as (

    select * from {{ ref('int_review_answers') }}
    where is_newest and decision = 'keep' and item_kind = 'finding'

),

policies as (

    select * from {{ ref('stg_decisions__exception_policy') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

matching_policies as (

    select
        keeps.decision_id,
        policies.policy_id,
        policies.approval,
        cast({{ dbt.dateadd('day', 'policies.max_days', 'keeps.answered_date') }} as date)
            as last_allowed_date,
        row_number() over (
            partition by keeps.decision_id
            order by
                case when {{ in_force_then }} then 0 else 1 end,
                case when policies.application_spelling = '*' then 1 else 0 end,
                case when policies.reconciliation_reason = '*' then 1 else 0 end,
                case when policies.is_privileged = '*' then 1 else 0 end,
                policies.policy_id
        ) as policy_rank
    from keeps
    cross join policies
    left join aliases on policies.application_spelling = aliases.application_spelling
    where
        (policies.is_in_force or {{ in_force_then }})
        and coalesce(aliases.application_id, policies.application_spelling)
        in ('*', keeps.application_id)
        and policies.reconciliation_reason in ('*', keeps.reconciliation_reason)
        and policies.is_privileged
        in ('*', case when keeps.is_privileged then 'true' else 'false' end)

),

most_exact as (

    select
        decision_id,
        policy_id,
        approval,
        last_allowed_date
    from matching_policies
    where policy_rank = 1

)

select * from most_exact
