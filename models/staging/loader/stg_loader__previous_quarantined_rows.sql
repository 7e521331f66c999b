with

source as (

    select * from {{ source('loader', 'quarantined_rows') }}
    where
        load_id in (
            {{ previous_load_ids('hr_headcount') }},
            {{ previous_load_ids('iam_app_registry') }}
        )

),

renamed as (

    select
        feed,
        column_name,
        reason,
        coalesce(value, raw_line) as text_as_delivered
    from source
    group by 1, 2, 3, 4

)

select * from renamed
