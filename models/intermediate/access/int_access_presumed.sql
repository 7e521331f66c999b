-- A quarantined row does not prove that access is gone. What a row names decides how much stays in
-- doubt: the pair, all of a BRID, all of an application, or - where nothing can be read -
-- everything that stood in the extract before and is not in this one. A row that names an employee
-- and an application is about that pair, whether or not it stood before.
{% set was_in_force = "
    previous_grants.account_meaning = 'active'
    and (
        previous_grants.granted_date is null
        or previous_grants.granted_date <= previous_grants.extract_date
    )
    and (
        previous_grants.expires_date is null
        or previous_grants.expires_date >= previous_grants.extract_date
    )
" %}

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

brid_keys as (

    select
        brid_as_delivered,
        brid
    from {{ ref('int_brid_keys') }}

),

directory_spellings as (

    select brid_as_delivered from brid_keys
    where
        brid like '%@%'
        or brid like '%' || chr(92) || '%'
        or brid like '#%'
        or brid like '%(%'
        or brid like '% %'
        or brid like '%$'

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

account_owners as (

    select * from {{ ref('int_account_owners') }}

),

presumed_before as (

    select
        brid,
        application_id,
        is_privileged,
        granted_date,
        last_used_date,
        last_read_date
    from {{ this }}
    where as_of_date = {{ previous_as_of_date(this) }}

),

employees as (

    select brid from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

directory_names as (

    -- Where an employee's account suddenly goes by the name of a directory, the row may be theirs.
    -- Millions of grants are named where they are read, each time: an engine keeps in memory whole
    -- what has one name and is read twice.
    select
        held.brid_as_delivered,
        held.application_as_delivered,
        held.brid,
        held.application_id,
        held.account_id
    from {{ ref('int_grants') }} as held
    inner join directory_spellings
        on held.brid_as_delivered = directory_spellings.brid_as_delivered
    where not held.is_key_bad

),

directory_names_before as (

    select
        directory_names.brid,
        directory_names.application_id
    from {{ ref('stg_iam__previous_grants') }} as previous_grants
    inner join directory_names
        on
            previous_grants.brid_as_delivered = directory_names.brid_as_delivered
            and previous_grants.application_as_delivered = directory_names.application_as_delivered
    where {{ was_in_force }}
    group by 1, 2

),

directory_names_spelled_anew as (

    select
        directory_names.brid,
        directory_names.application_id,
        directory_names.account_id
    from directory_names
    left join directory_names_before
        on
            directory_names.brid = directory_names_before.brid
            and directory_names.application_id = directory_names_before.application_id
    where directory_names_before.brid is null

),

rows_in_doubt as (

    -- What was unreadable in the extract before, too, is nobody's row that was readable then: it
    -- only goes on to stand for what it was taken for.
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

is_anything_in_doubt as (

    -- Without it the millions of rows of the extract before are not looked at.
    select count(*) as n_rows from rows_in_doubt
    where is_new

    union all

    select count(*) as n_rows from directory_names_spelled_anew

    union all

    select count(*) as n_rows
    from rows_in_doubt
    cross join presumed_before

),

doubts as (

    select sum(n_rows) > 0 as is_any from is_anything_in_doubt

),

pairs_as_delivered as (

    select
        held.brid_as_delivered,
        held.application_as_delivered
    from {{ ref('int_grants') }} as held
    cross join doubts
    where doubts.is_any and not held.is_key_bad

),

unrepeated as (

    -- What is spelled as before and can be read did not vanish, and is nearly everything.
    select
        previous_grants.brid_as_delivered,
        previous_grants.application_as_delivered,
        previous_grants.account_id,
        previous_grants.is_privileged,
        previous_grants.granted_date,
        previous_grants.last_used_date,
        previous_grants.extract_date
    from {{ ref('stg_iam__previous_grants') }} as previous_grants
    cross join doubts
    left join pairs_as_delivered
        on
            previous_grants.brid_as_delivered = pairs_as_delivered.brid_as_delivered
            and previous_grants.application_as_delivered
            = pairs_as_delivered.application_as_delivered
    where
        doubts.is_any
        and pairs_as_delivered.brid_as_delivered is null
        and {{ was_in_force }}

),

previous_spellings as (

    select
        brid_as_delivered,
        {{ normalise_holder('brid_as_delivered') }} as brid
    from unrepeated
    group by 1

),

previous_applications as (

    select
        application_as_delivered,
        {{ normalise_application_id('application_as_delivered') }} as application_spelling
    from unrepeated
    group by 1

),

stood_before as (

    select
        coalesce(account_owners.owner_brid, previous_spellings.brid) as brid,
        coalesce(aliases.application_id, previous_applications.application_spelling)
            as application_id,
        unrepeated.account_id,
        unrepeated.is_privileged,
        unrepeated.granted_date,
        unrepeated.last_used_date,
        unrepeated.extract_date as last_read_date,
        false as was_presumed
    from unrepeated
    inner join previous_spellings
        on unrepeated.brid_as_delivered = previous_spellings.brid_as_delivered
    inner join previous_applications
        on unrepeated.application_as_delivered = previous_applications.application_as_delivered
    left join aliases on previous_applications.application_spelling = aliases.application_spelling
    left join account_owners on previous_spellings.brid = account_owners.account_brid
    where previous_spellings.brid is not null

    union all

    select
        coalesce(account_owners.owner_brid, presumed_before.brid) as brid,
        presumed_before.application_id,
        cast(null as {{ dbt.type_string() }}) as account_id,
        presumed_before.is_privileged,
        presumed_before.granted_date,
        presumed_before.last_used_date,
        presumed_before.last_read_date,
        true as was_presumed
    from presumed_before
    left join account_owners on presumed_before.brid = account_owners.account_brid

),

new_directory_names as (

    -- A name that was there before is an account of its own.
    select
        directory_names_spelled_anew.brid,
        directory_names_spelled_anew.application_id,
        directory_names_spelled_anew.account_id
    from directory_names_spelled_anew
    left join stood_before
        on
            directory_names_spelled_anew.brid = stood_before.brid
            and directory_names_spelled_anew.application_id = stood_before.application_id
    where stood_before.brid is null

),

brids_in_doubt as (

    select brid from stood_before

    union

    select brid from rows_in_doubt

),

spellings_in_doubt as (

    -- Mostly few: the millions of grants of everybody else are not grouped.
    select brid_keys.brid_as_delivered
    from brid_keys
    inner join brids_in_doubt on brid_keys.brid = brids_in_doubt.brid

),

readable_now as (

    -- A row that can be read and gives no access is evidence, too.
    select
        held.brid,
        held.application_id
    from {{ ref('int_grants') }} as held
    inner join spellings_in_doubt
        on held.brid_as_delivered = spellings_in_doubt.brid_as_delivered
    where not held.is_key_bad
    group by 1, 2

),

vanished as (

    select
        stood_before.*,
        {{ dbt.datediff('stood_before.last_read_date', as_of_date(), 'day') }}
        <= 7 * {{ var('quarantine_doubt_weeks') }} as is_read_lately
    from stood_before
    left join readable_now
        on
            stood_before.brid = readable_now.brid
            and stood_before.application_id = readable_now.application_id
    where readable_now.brid is null

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

    select
        vanished.brid,
        vanished.application_id,
        true as is_row_named
    from vanished
    inner join identified
        on
            vanished.brid = identified.brid
            and vanished.application_id = identified.application_id
            and (identified.is_new or vanished.was_presumed)

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
    left join readable_now
        on
            rows_in_doubt.brid = readable_now.brid
            and rows_in_doubt.application_id = readable_now.application_id
    left join pairs_in_doubt
        on
            rows_in_doubt.brid = pairs_in_doubt.brid
            and rows_in_doubt.application_id = pairs_in_doubt.application_id
    where
        rows_in_doubt.application_id is not null
        and readable_now.brid is null
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
