with

source as (

    select
        application_id,
        application_name,
        application_owner_brid,
        bool_and({{ is_of_late_source('iam_app_registry') }}) as is_source_late
    from {{ source('iam', 'iam_app_registry') }}
    where {{ is_current_extract('iam_app_registry') }}
    group by 1, 2, 3

),

renamed as (

    select
        application_id as application_as_delivered,
        {{ normalise_application_id('application_id') }} as application_spelling,
        {{ landed_text('application_name') }} as application_name,
        {{ normalise_brid('application_owner_brid') }} as application_owner_brid,
        is_source_late
    from source

)

select * from renamed
