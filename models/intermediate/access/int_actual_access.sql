with

grants as (

    select
        brid_key,
        application_key,
        -- For millions of pairs, numbers need less memory than texts.
        {{ text_hash('account_id') }} as account_hash,
        is_privileged,
        granted_date,
        last_used_date,
        is_source_late
    from {{ ref('int_grants') }}
    where not is_key_bad and not_in_force_reason is null

),

actual_access as (

    select
        brid_key,
        application_key,
        cast(count(*) as {{ dbt.type_int() }}) as n_grant_rows,
        coalesce(min(account_hash) <> max(account_hash), false) as has_several_accounts,
        bool_or(is_privileged) as is_privileged,
        min(granted_date) as granted_date,
        max(last_used_date) as last_used_date,
        bool_and(coalesce(is_source_late, false)) as is_source_late
    from grants
    group by 1, 2

)

select * from actual_access
