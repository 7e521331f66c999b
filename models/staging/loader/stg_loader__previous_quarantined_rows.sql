with

source as (

    select * from {{ source('loader', 'quarantined_rows') }}
    where
        load_id in (
            {{ previous_load_ids('hr_headcount') }},
            {{ previous_load_ids('iam_app_registry') }},
            {{ previous_load_ids('persona_list') }},
            {{ previous_load_ids('persona_members') }}
        )
        and coalesce(quarantined_part, 'row') = 'row'
        and {{ is_data_row() }}

),

renamed as (

    select
        feed,
        column_name,
        reason,
        coalesce(value, raw_line) as text_as_delivered,
        {{ normalise_holder('brid') }} as brid,
        {{ normalise_application_id('application_id') }} as application_spelling,
        {{ landed_code('account_id') }} as account_id,
        count(*) as n_rows
    from source
    group by 1, 2, 3, 4, 5, 6, 7

)

select * from renamed
