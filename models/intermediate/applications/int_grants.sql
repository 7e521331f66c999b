with

grants as (

    select
        brid,
        application_spelling,
        brid_as_delivered,
        application_name,
        account_id,
        account_status,
        entitlement,
        is_privileged,
        granted_date,
        expires_date,
        last_used_date,
        application_owner_brid,
        load_id,
        file_name,
        row_number,
        extract_date
    from {{ ref('stg_iam__grants') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

applications_resolved as (

    select
        grants.*,
        coalesce(aliases.application_id, grants.application_spelling) as application_id
    from grants
    left join aliases on grants.application_spelling = aliases.application_spelling

),

judged as (

    select
        *,
        -- Why a grant row gives no access on the as-of date; null when it does.
        case
            when brid is null or application_id is null then 'bad_key'
            when coalesce(account_status, 'active') <> 'active' then 'account_inactive'
            when granted_date > {{ as_of_date() }} then 'grant_not_started'
            when expires_date < {{ as_of_date() }} then 'grant_expired'
        end as quarantine_reason
    from applications_resolved

)

select * from judged
