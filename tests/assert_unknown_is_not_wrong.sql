with

findings as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and (
            reconciliation_status = 'missing'
            or reconciliation_reason in (
                'never_expected', 'former_persona', 'requirement_withdrawn'
            )
        )

),

employees as (

    select
        brid,
        is_employed,
        unresolved_reason
    from {{ ref('dim_employees') }}

),

applications as (

    select
        application_id,
        is_modelled
    from {{ ref('dim_applications') }}

),

personas as (

    select persona_id from {{ ref('dim_personas') }}
    where is_baseline

),

persona_requirements as (

    select
        persona_id,
        application_id
    from {{ ref('int_persona_requirements') }}

),

persona_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_requirements as (

    select
        persona_set_id,
        application_id
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }} and requirement in ('mandatory', 'optional')

),

baseline_applications as (

    select persona_requirements.application_id from persona_requirements
    inner join personas on persona_requirements.persona_id = personas.persona_id
    group by 1

),

classified as (

    select
        findings.brid,
        findings.application_id,
        findings.reconciliation_status,
        findings.reconciliation_reason,
        case
            when not coalesce(employees.is_employed, false)
                then 'Somebody who does not work here today expects nothing.'
            when
                findings.reconciliation_status = 'missing'
                and employees.unresolved_reason is not null
                and baseline_applications.application_id is null
                then 'Somebody without a persona can only miss what everybody has.'
            when
                findings.reconciliation_status = 'excess'
                and employees.unresolved_reason is not null
                then 'Somebody without a persona cannot hold what is not expected.'
            when
                findings.reconciliation_status = 'excess'
                and not coalesce(applications.is_modelled, false)
                then 'What no persona names cannot be unexpected.'
            when
                findings.reconciliation_status = 'excess'
                and set_requirements.application_id is not null
                then 'A persona of the person asks for it.'
        end as law
    from findings
    left join employees on findings.brid = employees.brid
    left join applications on findings.application_id = applications.application_id
    left join baseline_applications
        on findings.application_id = baseline_applications.application_id
    left join persona_sets on findings.brid = persona_sets.brid
    left join set_requirements
        on
            persona_sets.persona_set_id = set_requirements.persona_set_id
            and findings.application_id = set_requirements.application_id

),

broken as (

    select * from classified
    where law is not null

)

select * from broken
