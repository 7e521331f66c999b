with

findings as (

    select * from {{ ref('fct_access_findings') }}

),

review_items as (

    select
        finding_id,
        risk_level
    from {{ ref('fct_review_items') }}

),

employees as (

    select
        brid,
        full_name,
        cost_center,
        manager_brid
    from {{ ref('dim_employees') }}

),

own_personas as (

    select
        brid,
        {{ dbt.listagg('persona_id', "' | '", 'order by persona_id') }} as persona_ids
    from {{ ref('fct_persona_assignments') }}
    where
        as_of_date = {{ as_of_date() }}
        and persona_id is not null
        and assignment_method <> 'baseline'
    group by 1

),

applications as (

    select
        application_id,
        application_name
    from {{ ref('dim_applications') }}

),

described as (

    -- The cost center and the manager are worded as in fct_reconciliation_by_cost_center and
    -- fct_reconciliation_by_manager, so that a reader who follows a count finds its findings.
    select
        findings.finding_id,
        findings.as_of_date,
        review_items.risk_level,
        findings.brid,
        employees.full_name,
        findings.application_id,
        applications.application_name,
        findings.finding_type,
        findings.reconciliation_reason,
        findings.finding_state,
        findings.suspended_reason,
        findings.disposition,
        findings.due_date,
        findings.is_overdue,
        findings.opened_date = findings.as_of_date and findings.finding_state <> 'closed' as is_new,
        findings.age_days,
        case
            {% for first_day, last_day, age in finding_ages() %}
                when
                    findings.finding_state <> 'closed'
                    and findings.age_days between {{ first_day }} and {{ last_day }}
                    then '{{ age }}'
            {% endfor %}
        end as age,
        findings.opened_date,
        findings.closed_date,
        coalesce(findings.is_privileged, false) as is_privileged,
        findings.n_times_reopened,
        findings.n_times_waiver_ended,
        findings.waiver_id,
        findings.opening_cause,
        findings.closing_cause,
        -- As in fct_reconciliation_by_persona: missing access counts under each persona that
        -- requires it, excess under each of the holder's own personas.
        case
            when findings.finding_type = 'missing' then findings.persona_ids
            else own_personas.persona_ids
        end as persona_ids,
        coalesce(
            employees.cost_center,
            case when employees.brid is null then '(not in HR)' else '(none)' end
        ) as cost_center,
        coalesce(
            employees.manager_brid,
            case when employees.brid is null then '(not in HR)' else '(none)' end
        ) as manager_brid,
        findings.reviewer_brid,
        reviewers.full_name as reviewer_name,
        findings.reviewer_role
    from findings
    left join review_items on findings.finding_id = review_items.finding_id
    left join employees on findings.brid = employees.brid
    left join own_personas on findings.brid = own_personas.brid
    left join applications on findings.application_id = applications.application_id
    left join employees as reviewers on findings.reviewer_brid = reviewers.brid

)

select * from described
