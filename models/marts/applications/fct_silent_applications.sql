with

applications_silent as (

    select * from {{ ref('int_applications_silent') }}
    where
        last_reported_date
        <= {{ dbt.dateadd('day', -7 * var('silent_application_weeks'), as_of_date()) }}

),

retired_applications as (

    select application_id from {{ ref('int_retired_applications') }}

),

findings as (

    select
        application_id,
        count(*) as n_suspended
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state = 'suspended'
    group by 1

),

pairs as (

    select
        application_id,
        count(*) as n_missing
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and disposition = 'suspended'
    group by 1

),

employees as (

    select brid from {{ ref('int_employees') }}
    where is_employed

),

counted as (

    -- An application that nobody held or should hold needs no decision.
    select
        {{ as_of_date() }} as as_of_date,
        applications_silent.application_id,
        applications_silent.application_name,
        applications_silent.last_reported_date,
        cast(
            {{ dbt.datediff('applications_silent.last_reported_date', as_of_date(), 'day') }}
            as {{ dbt.type_int() }}
        ) as n_days_silent,
        employees.brid as reviewer_brid,
        cast(coalesce(findings.n_suspended, 0) as {{ dbt.type_bigint() }}) as n_suspended,
        cast(coalesce(pairs.n_missing, 0) as {{ dbt.type_bigint() }}) as n_missing
    from applications_silent
    left join retired_applications
        on applications_silent.application_id = retired_applications.application_id
    left join findings on applications_silent.application_id = findings.application_id
    left join pairs on applications_silent.application_id = pairs.application_id
    left join employees on applications_silent.owner_brid = employees.brid
    where
        retired_applications.application_id is null
        and (findings.n_suspended is not null or pairs.n_missing is not null)

)

select * from counted
