with

quarantined_rows as (

    select
        brid,
        application_spelling,
        account_id,
        column_name,
        reason,
        text_as_delivered
    from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'iam_app_registry'
        and is_row_quarantined
        and {{ is_data_row() }}

),

quarantined_before as (

    select
        column_name,
        reason,
        text_as_delivered,
        brid,
        application_spelling,
        account_id
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'iam_app_registry'
    group by 1, 2, 3, 4, 5, 6

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

account_owners as (

    select * from {{ ref('int_account_owners') }}

),

rows_in_doubt as (

    -- A row that was already unreadable in the previous extract cannot be a row that was readable
    -- then: it only continues to represent the access that it was presumed to be.
    select
        coalesce(account_owners.owner_brid, quarantined_rows.brid) as brid,
        coalesce(aliases.application_id, quarantined_rows.application_spelling) as application_id,
        quarantined_rows.account_id,
        quarantined_before.reason is null as is_new
    from quarantined_rows
    left join aliases on quarantined_rows.application_spelling = aliases.application_spelling
    left join account_owners on quarantined_rows.brid = account_owners.account_brid
    left join quarantined_before
        on
            quarantined_rows.reason = quarantined_before.reason
            and quarantined_rows.column_name is not distinct from quarantined_before.column_name
            and quarantined_rows.text_as_delivered
            is not distinct from quarantined_before.text_as_delivered
            and quarantined_rows.brid is not distinct from quarantined_before.brid
            and quarantined_rows.application_spelling
            is not distinct from quarantined_before.application_spelling
            and quarantined_rows.account_id is not distinct from quarantined_before.account_id

),

spellings_in_doubt as (

    -- Usually there are few: the millions of grants of all other people are not grouped.
    select brid_keys.brid_as_delivered
    from {{ ref('int_brid_keys') }} as brid_keys
    inner join rows_in_doubt on brid_keys.brid = rows_in_doubt.brid
    group by 1

),

readable_now as (

    select
        held.brid,
        held.application_id
    from {{ ref('int_grants') }} as held
    inner join spellings_in_doubt
        on held.brid_as_delivered = spellings_in_doubt.brid_as_delivered
    where not held.is_key_bad
    group by 1, 2

),

compared as (

    select
        rows_in_doubt.*,
        readable_now.brid is not null as is_pair_readable
    from rows_in_doubt
    left join readable_now
        on
            rows_in_doubt.brid = readable_now.brid
            and rows_in_doubt.application_id = readable_now.application_id

)

select * from compared
