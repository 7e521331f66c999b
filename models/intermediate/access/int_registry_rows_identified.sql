-- The account shows whose row it was. A key from which nothing vanished is not the intended one, so
-- it counts as unreadable.
with

rows_in_doubt as (

    select * from {{ ref('int_registry_rows_in_doubt') }}

),

vanished as (

    select * from {{ ref('int_access_stood_before') }}
    where not is_readable_now

),

vanished_accounts as (

    select
        account_id,
        application_id,
        min(brid) as brid
    from vanished
    where account_id is not null
    group by 1, 2

),

vanished_brids as (

    select brid from vanished
    group by 1

),

vanished_applications as (

    select application_id from vanished
    group by 1

),

identified as (

    select
        coalesce(vanished_accounts.brid, vanished_brids.brid) as brid,
        vanished_applications.application_id,
        rows_in_doubt.is_new
    from rows_in_doubt
    left join vanished_accounts
        on
            rows_in_doubt.account_id = vanished_accounts.account_id
            and rows_in_doubt.application_id = vanished_accounts.application_id
    left join vanished_brids on rows_in_doubt.brid = vanished_brids.brid
    left join vanished_applications
        on rows_in_doubt.application_id = vanished_applications.application_id
    group by 1, 2, 3

)

select * from identified
