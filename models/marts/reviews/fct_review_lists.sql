with

given as (

    select * from {{ ref('int_items_given') }}

),

{{ registry_extracts() }},

ranked as (

    select
        *,
        row_number() over (
            partition by item_id, reviewer_brid
            order by case reviewer_role when 'application_owner' then 0 else 1 end, reviewer_role
        ) as role_rank
    from given

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        ranked.reviewer_brid,
        ranked.reviewer_role,
        ranked.item_id,
        ranked.item_kind,
        ranked.campaign_id,
        ranked.brid,
        ranked.application_id,
        ranked.finding_type,
        ranked.reconciliation_reason,
        ranked.is_privileged,
        ranked.due_date,
        extracts.load_id as registry_load_id
    from ranked
    cross join extracts
    where ranked.role_rank = 1

)

select * from described
