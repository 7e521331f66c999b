with

aliases as (

    select
        application_spelling,
        application_id
    from {{ ref('int_application_aliases') }}

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        application_spelling,
        application_id
    from aliases

)

select * from dated
