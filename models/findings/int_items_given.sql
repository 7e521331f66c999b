with

listed as (

    select * from {{ ref('int_finding_items') }}

    union all

    select * from {{ ref('int_certification_items') }}

),

handed_on as (

    select * from {{ ref('int_answers_handed_on') }}

),

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

employee_reviewers as (

    select
        brid,
        reviewer_brid
    from {{ ref('int_employee_reviewers') }}

),

named as (

    select
        listed.*,
        handed_on.new_reviewer_brid,
        coalesce(handed_on.new_reviewer_brid, listed.reviewer_brid) as named_brid
    from listed
    left join handed_on
        on
            listed.item_id = handed_on.item_id
            and listed.reviewer_brid = handed_on.reviewer_brid

),

given as (

    -- Whoever has left reviews nothing: the line above does, or else whoever reviews the person.
    select
        named.item_id,
        named.item_kind,
        named.campaign_id,
        named.brid,
        named.application_id,
        named.finding_type,
        named.reconciliation_reason,
        named.is_privileged,
        named.due_date,
        case
            when named.named_brid is null or employees.brid is not null then named.named_brid
            when reviewers_above.reviewer_brid <> named.brid then reviewers_above.reviewer_brid
            else employee_reviewers.reviewer_brid
        end as reviewer_brid,
        case
            when
                named.named_brid is not null
                and employees.brid is null
                and reviewers_above.reviewer_brid is null
                and employee_reviewers.reviewer_brid is null
                then 'nobody'
            when named.new_reviewer_brid is not null then 'reassigned'
            when named.named_brid is null or employees.brid is not null then named.reviewer_role
            when named.reviewer_role = 'application_owner' then 'reassigned'
            else 'second_manager'
        end as reviewer_role
    from named
    left join employees on named.named_brid = employees.brid
    left join employee_reviewers as reviewers_above on named.named_brid = reviewers_above.brid
    left join employee_reviewers on named.brid = employee_reviewers.brid

)

select * from given
