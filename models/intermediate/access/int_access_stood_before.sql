-- Access that the previous extract had, or was presumed to have, and that this one does not repeat
-- in the same spelling.
with

presumed_before as (

    select * from {{ ref('stg_history__access_presumed') }}
    where as_of_date = {{ previous_as_of_date(ref('stg_history__access_presumed')) }}

),

brid_keys as (

    select
        brid_as_delivered,
        brid
    from {{ ref('int_brid_keys') }}

),

stood_before as (

    select
        unrepeated.brid,
        unrepeated.application_id,
        unrepeated.account_id,
        unrepeated.is_privileged,
        unrepeated.granted_date,
        unrepeated.last_used_date,
        unrepeated.last_read_date,
        false as was_presumed
    from {{ ref('int_grants_unrepeated') }} as unrepeated

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
    left join {{ ref('int_account_owners') }} as account_owners
        on presumed_before.brid = account_owners.account_brid

),

brids_to_look_for as (

    select brid from stood_before
    group by 1

),

spellings_to_look_for as (

    -- Usually there are few: the millions of grants of all other people are not grouped.
    select brid_keys.brid_as_delivered
    from brid_keys
    inner join brids_to_look_for on brid_keys.brid = brids_to_look_for.brid

),

readable_now as (

    -- A readable row that gives no access is evidence, too, unless it gave none before.
    select
        held.brid,
        held.application_id
    from {{ ref('int_grants') }} as held
    inner join spellings_to_look_for
        on held.brid_as_delivered = spellings_to_look_for.brid_as_delivered
    left join {{ ref('int_rows_not_counted') }} as not_counted
        on {{ gave_nothing_before('held', 'not_counted') }}
    where
        not held.is_key_bad
        and (held.not_in_force_reason is null or not_counted.holder is null)
    group by 1, 2

),

compared as (

    select
        stood_before.*,
        readable_now.brid is not null as is_readable_now,
        {{ dbt.datediff('stood_before.last_read_date', as_of_date(), 'day') }}
        <= 7 * {{ var('quarantine_doubt_weeks') }} as is_read_lately
    from stood_before
    left join readable_now
        on
            stood_before.brid = readable_now.brid
            and stood_before.application_id = readable_now.application_id

)

select * from compared
