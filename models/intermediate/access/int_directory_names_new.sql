-- If an employee's account suddenly has a directory name, the row may be theirs.
with

directory_spellings as (

    select brid_as_delivered from {{ ref('int_brid_keys') }}
    where
        brid like '%@%'
        -- PostgreSQL and Spark read a backslash in a pattern as an escape character.
        or {{ dbt.position('chr(92)', 'brid') }} > 0
        or brid like '#%'
        or brid like '%(%'
        or brid like '% %'
        or brid like '%$'

),

directory_names as (

    -- Each query reads the millions of grants directly: an engine would keep a CTE that is read
    -- twice in memory completely.
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

spelled_before as (

    -- The few spellings are joined first: an engine that cannot estimate their number would keep
    -- all previous grants in memory instead.
    select
        previous_grants.brid_as_delivered,
        previous_grants.application_as_delivered
    from {{ ref('stg_iam__previous_grants') }} as previous_grants
    inner join directory_spellings
        on previous_grants.brid_as_delivered = directory_spellings.brid_as_delivered
    where {{ was_in_force('previous_grants') }}
    group by 1, 2

),

named_before as (

    select
        directory_names.brid,
        directory_names.application_id
    from spelled_before
    inner join directory_names
        on
            spelled_before.brid_as_delivered = directory_names.brid_as_delivered
            and spelled_before.application_as_delivered = directory_names.application_as_delivered
    group by 1, 2

),

newly_named as (

    select
        directory_names.brid,
        directory_names.application_id,
        directory_names.account_id
    from directory_names
    left join named_before
        on
            directory_names.brid = named_before.brid
            and directory_names.application_id = named_before.application_id
    where named_before.brid is null

)

select * from newly_named
