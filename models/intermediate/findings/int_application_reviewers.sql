with

applications as (

    select
        application_id,
        owner_brid
    from {{ ref('int_applications') }}

),

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

reviewers as (

    select
        applications.application_id,
        employees.brid as reviewer_brid
    from applications
    inner join employees on applications.owner_brid = employees.brid

)

select * from reviewers
