with

expectation_doubts as (

    select brid from {{ ref('int_expectation_doubts') }}
    where doubt_reason is not null

),

requirement_doubts as (

    select application_id from {{ ref('int_requirement_doubts') }}

),

access_presumed as (

    select brid from {{ ref('int_access_presumed') }}
    where as_of_date = {{ as_of_date() }}

),

doubts as (

    select false as is_of_any_application from expectation_doubts

    union all

    select application_id is null as is_of_any_application from requirement_doubts

    union all

    select false as is_of_any_application from access_presumed

),

damage as (

    select
        count(*) > 0 as is_any,
        coalesce(bool_or(is_of_any_application), false) as is_of_any_application
    from doubts

)

select * from damage
