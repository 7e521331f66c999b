with

source as (

    select brid from {{ source('iam', 'iam_app_registry') }}
    where {{ is_current_extract('iam_app_registry') }}
    group by 1

),

renamed as (

    select
        brid as brid_as_delivered,
        {{ normalise_holder('brid') }} as brid
    from source

)

select * from renamed
