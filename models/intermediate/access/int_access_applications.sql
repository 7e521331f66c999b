with

known_applications as (

    select * from {{ ref('int_applications') }}

),

application_keys as (

    select
        application_id,
        application_key
    from {{ ref('int_application_keys') }}
    group by 1, 2

),

applications as (

    select
        application_id,
        application_keys.application_key,
        coalesce(known_applications.is_known, false) as is_known,
        coalesce(known_applications.is_modelled, false) as is_modelled
    from known_applications
    full join application_keys using (application_id)

)

select * from applications
