with

requirements_after as (

    select * from {{ ref('int_rule_correction_requirements') }}

),

reconciliation as (

    select
        brid,
        application_id,
        reconciliation_status,
        is_granted
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

findings as (

    select
        brid,
        application_id,
        finding_type
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }} and finding_state <> 'closed'

),

applications_reported as (

    select application_id from {{ ref('int_applications_reported') }}

),

people as (

    select
        cause_id,
        brid
    from requirements_after
    group by 1, 2

),

pairs as (

    select
        people.cause_id,
        reconciliation.*
    from people
    inner join reconciliation on people.brid = reconciliation.brid

),

compared as (

    select
        coalesce(pairs.cause_id, requirements_after.cause_id) as cause_id,
        coalesce(pairs.brid, requirements_after.brid) as brid,
        coalesce(pairs.application_id, requirements_after.application_id) as application_id,
        coalesce(pairs.reconciliation_status, 'none') as status_before,
        case
            when pairs.reconciliation_status = 'unassessed' then 'unassessed'
            when pairs.is_granted and requirements_after.is_prohibited then 'excess'
            when pairs.is_granted and requirements_after.brid is null then 'excess'
            when pairs.is_granted then 'match'
            when requirements_after.is_mandatory and not requirements_after.is_prohibited
                then 'missing'
            else 'none'
        end as status_after
    from pairs
    full outer join requirements_after
        on
            pairs.cause_id = requirements_after.cause_id
            and pairs.brid = requirements_after.brid
            and pairs.application_id = requirements_after.application_id

),

changed as (

    -- It is unknown who misses an application that the registry does not report.
    select
        compared.cause_id,
        case when findings.finding_type <> compared.status_after then 1 else 0 end as n_ending,
        case
            when findings.finding_type = compared.status_after then 0
            when compared.status_after = 'excess' then 1
            when
                compared.status_after = 'missing'
                and applications_reported.application_id is not null
                then 1
            else 0
        end as n_opening
    from compared
    left join findings
        on
            compared.brid = findings.brid
            and compared.application_id = findings.application_id
    left join applications_reported
        on compared.application_id = applications_reported.application_id
    where compared.status_after not in ('unassessed', compared.status_before)

),

counted as (

    select
        cause_id,
        sum(n_ending) as n_ending,
        sum(n_opening) as n_opening
    from changed
    group by 1

)

select * from counted
