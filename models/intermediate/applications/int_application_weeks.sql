with

applications as (

    select
        application_id,
        application_name,
        owner_brid
    from {{ ref('int_applications') }}
    where is_in_iam

),

dated as (

    select
        {{ as_of_date() }} as as_of_date,
        application_id,
        application_name,
        owner_brid
    from applications

)

select * from dated
