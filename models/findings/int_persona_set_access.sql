with

reconciliation as (

    select
        brid,
        application_id,
        is_expected,
        is_granted,
        reconciliation_status,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

employee_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

counted as (

    -- Counts by persona start from this model, so that they do not read millions of pairs again.
    select
        employee_sets.persona_set_id,
        reconciliation.application_id,
        count(*) filter (where reconciliation.is_granted) as n_holders,
        count(*) filter (where reconciliation.is_granted and not reconciliation.is_expected)
            as n_unlisted_holders,
        {{ count_statuses() }}
    from reconciliation
    inner join employee_sets on reconciliation.brid = employee_sets.brid
    group by 1, 2

)

select * from counted
