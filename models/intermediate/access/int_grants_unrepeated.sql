-- Nearly all grants are spelled as before. The rest is read again only if an unreadable row may
-- contain it; otherwise, and in a first week, the millions of rows of both extracts are not read.
with

rows_in_doubt as (

    select * from {{ ref('int_registry_rows_in_doubt') }}

),

reasons_to_look as (

    select brid from rows_in_doubt
    where is_new

    union all

    select brid from {{ ref('int_directory_names_new') }}

    union all

    select rows_in_doubt.brid
    from rows_in_doubt
    cross join {{ ref('stg_history__access_presumed') }} as presumed_before
    where
        presumed_before.as_of_date
        = {{ previous_as_of_date(ref('stg_history__access_presumed')) }}

),

doubts as (

    select count(*) > 0 as is_any from reasons_to_look
    where {{ 'true' if previous_extracts('iam_app_registry') else 'false' }}

),

pairs_as_delivered as (

    select
        held.brid_as_delivered,
        held.application_as_delivered
    from {{ ref('int_grants') }} as held
    cross join doubts
    left join {{ ref('int_rows_not_counted') }} as not_counted
        on {{ gave_nothing_before('held', 'not_counted') }}
    where
        doubts.is_any
        and not held.is_key_bad
        and (held.not_in_force_reason is null or not_counted.holder is null)

),

spelled_differently as (

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
        and {{ was_in_force('previous_grants') }}

),

brids as (

    select
        brid_as_delivered,
        {{ normalise_holder('brid_as_delivered') }} as brid
    from spelled_differently
    group by 1

),

applications as (

    select
        application_as_delivered,
        {{ normalise_application_id('application_as_delivered') }} as application_spelling
    from spelled_differently
    group by 1

),

unrepeated as (

    select
        coalesce(account_owners.owner_brid, brids.brid) as brid,
        coalesce(aliases.application_id, applications.application_spelling) as application_id,
        spelled_differently.account_id,
        spelled_differently.is_privileged,
        spelled_differently.granted_date,
        spelled_differently.last_used_date,
        spelled_differently.extract_date as last_read_date
    from spelled_differently
    inner join brids on spelled_differently.brid_as_delivered = brids.brid_as_delivered
    inner join applications
        on spelled_differently.application_as_delivered = applications.application_as_delivered
    left join {{ ref('int_application_aliases') }} as aliases
        on applications.application_spelling = aliases.application_spelling
    left join {{ ref('int_account_owners') }} as account_owners
        on brids.brid = account_owners.account_brid
    where brids.brid is not null

)

select * from unrepeated
