with

listed as (

    select * from {{ ref('int_finding_items') }}

    union all

    select * from {{ ref('int_certification_items') }}

),

handed_on as (

    select * from {{ ref('int_answers_handed_on') }}

),

{{ registry_extracts() }},

given as (

    select
        listed.item_id,
        listed.item_kind,
        listed.campaign_id,
        listed.brid,
        listed.application_id,
        listed.finding_type,
        listed.reconciliation_reason,
        listed.is_privileged,
        listed.due_date,
        coalesce(handed_on.new_reviewer_brid, listed.reviewer_brid) as reviewer_brid,
        case
            when handed_on.new_reviewer_brid is not null then 'reassigned'
            else listed.reviewer_role
        end as reviewer_role
    from listed
    left join handed_on
        on
            listed.item_id = handed_on.item_id
            and listed.reviewer_brid = handed_on.reviewer_brid

),

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
