{{ config(severity='warn') }}

with

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

grants as (

    select
        application_id,
        count(*) as n_people
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted
    group by 1

),

still_granted as (

    select
        'retired_applications' as seed_name,
        retired_applications.application_id as decision_id,
        grants.n_people,
        'It is retired, and the registry still grants it.' as reason
    from retired_applications
    inner join grants on retired_applications.application_id = grants.application_id

)

select * from still_granted
