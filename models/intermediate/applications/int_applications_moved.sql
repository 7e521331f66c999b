{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

aliases as (

    select
        as_of_date,
        application_spelling,
        application_id
    from {{ ref('int_application_alias_weeks') }}
    where as_of_date = {{ as_of_date() }} or as_of_date = {{ previous_date }}

),

changes as (

    -- An alias in only one of the two weeks was added or removed, and moved grants between its two
    -- names.
    select
        application_spelling,
        application_id
    from aliases
    group by 1, 2
    having count(*) = 1 and {{ previous_date }} is not null

),

moved as (

    select application_spelling as application_id from changes

    union

    select application_id from changes

)

select * from moved
