with

applications as (

    select * from {{ ref('int_applications') }}

),

actual_access as (

    select
        application_id,
        count(*) as n_holders
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and is_granted
    group by 1

),

described as (

    select
        applications.application_id,
        {{ as_of_date() }} as as_of_date,
        applications.application_name,
        applications.owner_brid,
        applications.is_in_iam,
        applications.is_known,
        applications.is_modelled,
        cast(applications.n_personas as {{ dbt.type_int() }}) as n_personas,
        cast(coalesce(actual_access.n_holders, 0) as {{ dbt.type_int() }}) as n_holders
    from applications
    left join actual_access on applications.application_id = actual_access.application_id

)

select * from described
