with

application_weeks as (

    select
        as_of_date,
        application_id,
        application_name,
        owner_brid
    from {{ ref('int_application_weeks') }}
    where as_of_date < {{ as_of_date() }}

),

applications as (

    select application_id from {{ ref('int_applications') }}
    where is_in_iam

),

applications_moved as (

    select application_id from {{ ref('int_applications_moved') }}

),

aliases as (

    select application_spelling from {{ ref('int_application_aliases') }}

),

ranked as (

    select
        *,
        row_number() over (partition by application_id order by as_of_date desc) as recency
    from application_weeks

),

silent as (

    -- A name that an alias has replaced is not silent: its grants have the other name.
    select
        ranked.application_id,
        ranked.application_name,
        ranked.owner_brid,
        ranked.as_of_date as last_reported_date
    from ranked
    left join applications on ranked.application_id = applications.application_id
    left join applications_moved on ranked.application_id = applications_moved.application_id
    left join aliases on ranked.application_id = aliases.application_spelling
    where
        ranked.recency = 1
        and applications.application_id is null
        and applications_moved.application_id is null
        and aliases.application_spelling is null

)

select * from silent
