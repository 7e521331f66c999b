with

grants as (

    select
        brid_as_delivered,
        application_as_delivered,
        account_id,
        account_status,
        is_privileged,
        granted_date,
        expires_date,
        last_used_date,
        file_name,
        row_number
    from {{ ref('stg_iam__grants') }}

),

brid_keys as (

    select * from {{ ref('int_brid_keys') }}

),

application_keys as (

    select * from {{ ref('int_application_keys') }}

),

keyed as (

    select
        grants.*,
        brid_keys.brid,
        brid_keys.brid_key,
        application_keys.application_id,
        application_keys.application_key
    from grants
    left join brid_keys on grants.brid_as_delivered = brid_keys.brid_as_delivered
    left join application_keys
        on grants.application_as_delivered = application_keys.application_as_delivered

),

judged as (

    select
        *,
        -- Why a grant row gives no access on the as-of date; null when it does.
        case
            when brid_key is null or application_key is null then 'bad_key'
            when coalesce(account_status, 'active') <> 'active' then 'account_inactive'
            when granted_date > {{ as_of_date() }} then 'grant_not_started'
            when expires_date < {{ as_of_date() }} then 'grant_expired'
        end as quarantine_reason
    from keyed

)

select * from judged
