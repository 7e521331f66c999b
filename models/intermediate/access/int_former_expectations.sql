with

expectations_lost as (

    select
        as_of_date,
        brid,
        application_id,
        last_expected_date,
        moved_date,
        is_withdrawn
    from {{ ref('int_expectations_lost') }}
    where as_of_date <= {{ as_of_date() }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

applications_resolved as (

    select
        expectations_lost.as_of_date,
        expectations_lost.brid,
        coalesce(aliases.application_id, expectations_lost.application_id) as application_id,
        expectations_lost.last_expected_date,
        expectations_lost.moved_date,
        expectations_lost.is_withdrawn
    from expectations_lost
    left join aliases on expectations_lost.application_id = aliases.application_spelling

),

ranked as (

    -- A pair can be expected and lost several times, and in one week under two names.
    select
        brid,
        application_id,
        last_expected_date,
        moved_date,
        is_withdrawn,
        row_number() over (
            partition by brid, application_id
            order by as_of_date desc, case when is_withdrawn then 1 else 0 end
        ) as recency
    from applications_resolved

),

latest as (

    select
        brid,
        application_id,
        last_expected_date,
        moved_date,
        is_withdrawn
    from ranked
    where recency = 1

)

select * from latest
