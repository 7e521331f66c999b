with

findings as (

    select
        brid,
        application_id,
        reconciliation_status as finding_type,
        reconciliation_reason,
        disposition,
        waiver_id,
        due_date,
        is_privileged,
        persona_ids
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }} and disposition <> 'suspended'

),

assignments as (

    select
        brid,
        persona_id,
        assignment_method,
        confidence
    from {{ ref('int_persona_assignments') }}
    where persona_id is not null

),

findings_assigned as (

    -- Missing access depends on the personas that require it, excess access on all of the person's
    -- own personas.
    select
        findings.brid,
        findings.application_id,
        assignments.assignment_method,
        min(assignments.confidence) as confidence
    from findings
    inner join assignments on findings.brid = assignments.brid
    where
        case findings.finding_type
            when 'missing'
                then
                    position(
                        ' | ' || assignments.persona_id || ' | '
                        in ' | ' || findings.persona_ids || ' | '
                    ) > 0
            else assignments.assignment_method <> 'baseline'
        end
    group by 1, 2, 3

),

methods as (

    select
        brid,
        application_id,
        {{ dbt.listagg(
            measure="assignment_method",
            delimiter_text="' | '",
            order_by_clause="order by assignment_method",
        ) }} as assignment_methods,
        min(confidence) as assignment_confidence
    from findings_assigned
    group by 1, 2

),

described as (

    select
        findings.brid,
        findings.application_id,
        findings.finding_type,
        findings.reconciliation_reason,
        findings.disposition,
        findings.waiver_id,
        findings.due_date,
        findings.is_privileged,
        findings.persona_ids,
        methods.assignment_methods,
        methods.assignment_confidence
    from findings
    left join methods
        on
            findings.brid = methods.brid
            and findings.application_id = methods.application_id

)

select * from described
