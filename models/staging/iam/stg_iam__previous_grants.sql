with

source as (

    select * from {{ source('iam', 'iam_app_registry') }}
    where {{ is_previous_extract('iam_app_registry') }}

),

renamed as (

    select
        brid as brid_as_delivered,
        application_id as application_as_delivered,
        {{ landed_code('account_id') }} as account_id,
        {{ to_word('account_status') }} as account_status,
        coalesce(
            {{ to_meaning('iam', 'iam_app_registry', 'account_status') }}, 'active'
        ) as account_meaning,
        {{ landed_text('entitlement') }} as entitlement,
        {{ to_boolean('is_privileged') }} as is_privileged,
        {{ to_date('granted_date') }} as granted_date,
        {{ to_date('expires_date') }} as expires_date,
        {{ to_date('last_used_date') }} as last_used_date,
        file_name,
        row_number,
        extract_date
    from source

)

select * from renamed
