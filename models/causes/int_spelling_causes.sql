with

evidence as (

    select
        finding_number,
        brid,
        application_id,
        finding_type,
        reconciliation_reason
    from {{ ref('int_cause_evidence') }}

),

suggestions as (

    select
        application_id,
        spelling,
        suggestion_kind
    from {{ ref('fct_alias_suggestions') }}
    where as_of_date = {{ as_of_date() }} and suggestion_kind <> 'alternative'

),

spelled_access as (

    select
        pairs.brid,
        pairs.application_id as spelling
    from {{ ref('fct_access_reconciliation') }} as pairs
    inner join suggestions on pairs.application_id = suggestions.spelling
    where pairs.as_of_date = {{ as_of_date() }} and pairs.is_granted
    group by 1, 2

),

causes as (

    select
        evidence.finding_number,
        case
            when suggestions.suggestion_kind = 'alias' then 'spelling' else 'application_replaced'
        end as cause_kind,
        cast(null as {{ dbt.type_string() }}) as subject_brid,
        cast(null as {{ dbt.type_string() }}) as subject_persona_id,
        suggestions.application_id as subject_application_id,
        suggestions.spelling as subject_detail
    from evidence
    inner join suggestions on evidence.application_id = suggestions.application_id
    inner join spelled_access
        on
            suggestions.spelling = spelled_access.spelling
            and evidence.brid = spelled_access.brid
    where evidence.finding_type = 'missing'

    union all

    select
        evidence.finding_number,
        'application_replaced' as cause_kind,
        null as subject_brid,
        null as subject_persona_id,
        suggestions.application_id as subject_application_id,
        suggestions.spelling as subject_detail
    from evidence
    inner join suggestions on evidence.application_id = suggestions.spelling
    where
        evidence.reconciliation_reason = 'never_expected'
        and suggestions.suggestion_kind = 'replacement'

)

select * from causes
