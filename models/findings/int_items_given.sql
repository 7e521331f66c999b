with

listed as (

    select * from {{ ref('int_finding_items') }}

    union all

    select * from {{ ref('int_certification_items') }}

),

handed_on as (

    select * from {{ ref('int_answers_handed_on') }}

),

placed as (

    {{ at_work('listed', 'reviewer_brid') }}

),

named as (

    -- Both can hand it on: an answer that a reviewer gave before they left still counts.
    select
        placed.*,
        coalesce(handed_on.item_id, handed_on_above.item_id) is not null as is_handed_on,
        case
            when handed_on.item_id is not null then handed_on.new_reviewer_brid
            when handed_on_above.item_id is not null then handed_on_above.new_reviewer_brid
            else placed.at_work_brid
        end as named_brid
    from placed
    left join handed_on
        on
            placed.item_id = handed_on.item_id
            and placed.reviewer_brid = handed_on.reviewer_brid
    left join handed_on as handed_on_above
        on
            placed.has_left
            and placed.item_id = handed_on_above.item_id
            and placed.at_work_brid = handed_on_above.reviewer_brid

),

given as (

    select
        item_id,
        item_kind,
        campaign_id,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        is_privileged,
        due_date,
        named_brid as reviewer_brid,
        case
            when named_brid is null then 'nobody'
            when is_handed_on then 'reassigned'
            when not has_left then reviewer_role
            when reviewer_role = 'application_owner' then 'reassigned'
            else 'second_manager'
        end as reviewer_role
    from named

)

select * from given
