-- A quarantined row does not prove that access is gone. What a row names decides how much stays in
-- doubt: the pair, all of a BRID, all of an application, or - where nothing can be read -
-- everything that stood in the extract before and is not in this one. A row that names an employee
-- and an application is about that pair, whether or not it stood before.
with

rows_in_doubt as (

    select * from {{ ref('int_registry_rows_in_doubt') }}

),

employees as (

    select brid from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

stood_before as (

    select * from {{ ref('int_access_stood_before') }}

),

vanished as (

    select * from stood_before
    where not is_readable_now

),

new_directory_names as (

    -- A name that was there before is an account of its own.
    select
        directory_names.brid,
        directory_names.application_id,
        directory_names.account_id
    from {{ ref('int_directory_names_new') }} as directory_names
    left join stood_before
        on
            directory_names.brid = stood_before.brid
            and directory_names.application_id = stood_before.application_id
    where stood_before.brid is null

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

    -- The account tells whose row it was. A key that nothing vanished from is not the one that was
    -- meant, so it counts as unreadable.
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

),

pairs_in_doubt as (

    -- By what the row names: the pair, a BRID, an application or nothing. Each has its own join, or
    -- an engine would compare everything with everything.
    select
        vanished.brid,
        vanished.application_id,
        true as is_row_named
    from vanished
    inner join identified
        on
            vanished.brid = identified.brid
            and vanished.application_id = identified.application_id
    where (identified.is_new or vanished.was_presumed)

    union

    select
        vanished.brid,
        vanished.application_id,
        false as is_row_named
    from vanished
    inner join identified on vanished.brid = identified.brid
    where
        identified.application_id is null
        and (identified.is_new or vanished.was_presumed)
        and vanished.is_read_lately

    union

    select
        vanished.brid,
        vanished.application_id,
        false as is_row_named
    from vanished
    inner join identified on vanished.application_id = identified.application_id
    where
        identified.brid is null
        and (identified.is_new or vanished.was_presumed)
        and vanished.is_read_lately

    union

    select
        vanished.brid,
        vanished.application_id,
        false as is_row_named
    from vanished
    cross join identified
    where
        identified.brid is null
        and identified.application_id is null
        and (identified.is_new or vanished.was_presumed)
        and vanished.is_read_lately

    union

    select
        vanished.brid,
        vanished.application_id,
        false as is_row_named
    from vanished
    inner join new_directory_names as named
        on
            vanished.application_id = named.application_id
            and (
                vanished.account_id = named.account_id
                or named.brid like '%' || chr(92) || vanished.brid
                or named.brid like '%)' || vanished.brid
                or named.brid like '% ' || vanished.brid
                or named.brid like vanished.brid || '@%'
                or named.brid like vanished.brid || '(%'
                or named.brid like vanished.brid || ' %'
                or named.brid in ('#' || vanished.brid, vanished.brid || '$')
            )

),

named_pairs as (

    select
        rows_in_doubt.brid,
        rows_in_doubt.application_id
    from rows_in_doubt
    inner join employees on rows_in_doubt.brid = employees.brid
    left join pairs_in_doubt
        on
            rows_in_doubt.brid = pairs_in_doubt.brid
            and rows_in_doubt.application_id = pairs_in_doubt.application_id
    where
        rows_in_doubt.application_id is not null
        and not rows_in_doubt.is_pair_readable
        and pairs_in_doubt.brid is null
    group by 1, 2

),

presumed as (

    select
        {{ as_of_date() }} as as_of_date,
        vanished.brid,
        vanished.application_id,
        bool_or(coalesce(vanished.is_privileged, false)) as is_privileged,
        min(vanished.granted_date) as granted_date,
        max(vanished.last_used_date) as last_used_date,
        max(vanished.last_read_date) as last_read_date,
        bool_or(pairs_in_doubt.is_row_named) as is_row_named
    from vanished
    inner join pairs_in_doubt
        on
            vanished.brid = pairs_in_doubt.brid
            and vanished.application_id = pairs_in_doubt.application_id
    group by 2, 3

    union all

    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        false as is_privileged,
        cast(null as date) as granted_date,
        cast(null as date) as last_used_date,
        cast(null as date) as last_read_date,
        true as is_row_named
    from named_pairs

)

select * from presumed
