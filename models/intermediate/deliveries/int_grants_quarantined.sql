with

unreadable_brids as (

    select brid_as_delivered from {{ ref('stg_iam__brid_spellings') }}
    where brid is null

),

unreadable_applications as (

    select application_as_delivered from {{ ref('stg_iam__application_spellings') }}
    where application_spelling is null
    group by 1

),

grants_without_key as (

    -- Looked up by the few unreadable spellings: usually there are none, and grants are not read.
    select
        held.file_name,
        held.row_number,
        cast(null as {{ dbt.type_string() }}) as brid,
        held.brid_as_delivered
    from {{ ref('int_grants') }} as held
    inner join unreadable_brids on held.brid_as_delivered = unreadable_brids.brid_as_delivered

    union all

    select
        held.file_name,
        held.row_number,
        held.brid,
        held.brid_as_delivered
    from {{ ref('int_grants') }} as held
    inner join unreadable_applications
        on held.application_as_delivered = unreadable_applications.application_as_delivered
    where held.brid is not null

),

grants_not_in_force as (

    select
        file_name,
        row_number,
        brid,
        account_status,
        granted_date,
        expires_date,
        not_in_force_reason
    from {{ ref('int_grants') }}
    where not_in_force_reason is not null and not is_key_bad

),

unioned as (

    select
        file_name,
        row_number,
        'key' as quarantine_stage,
        'bad_key' as quarantine_reason,
        case when brid is null then 'brid' else 'application_id' end as column_name,
        case when brid is null then brid_as_delivered end as value_as_delivered,
        'The key cannot be read, so the grant belongs to nobody.' as message,
        brid
    from grants_without_key

    union all

    select
        file_name,
        row_number,
        'not_in_force' as quarantine_stage,
        not_in_force_reason as quarantine_reason,
        case not_in_force_reason
            when 'account_inactive' then 'account_status'
            when 'grant_not_started' then 'granted_date'
            when 'grant_expired' then 'expires_date'
        end as column_name,
        case not_in_force_reason
            when 'account_inactive' then account_status
            when 'grant_not_started' then cast(granted_date as {{ dbt.type_string() }})
            when 'grant_expired' then cast(expires_date as {{ dbt.type_string() }})
        end as value_as_delivered,
        case not_in_force_reason
            when 'account_inactive' then 'The account is not active, so the grant gives no access.'
            when 'grant_not_started' then 'The grant starts after the as-of date.'
            when 'grant_expired' then 'The grant ended before the as-of date.'
        end as message,
        brid
    from grants_not_in_force

)

select * from unioned
