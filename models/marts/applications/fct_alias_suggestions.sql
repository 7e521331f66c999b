with

pairs as (

    select
        brid,
        application_id,
        reconciliation_status,
        is_granted
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

employees as (

    select
        brid,
        persona_set_id,
        unresolved_reason
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_requirements as (

    select
        persona_set_id,
        application_id,
        requirement
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }}

),

suggested as (

    select * from {{ ref('int_other_names_suggested') }}

),

effects as (

    -- What an alias would do: the findings of the spelling close, people who miss the application
    -- hold it, and holders who do not expect it hold it in excess.
    select
        suggested.application_id,
        suggested.spelling,
        count(*) filter (where spelled.reconciliation_status = 'excess')
        + count(*) filter (where whole.reconciliation_status = 'missing') as n_ending,
        count(*) filter (
            where whole.brid is null
            and set_requirements.requirement is distinct from 'optional'
            and (
                spelled.reconciliation_status = 'excess' or employees.unresolved_reason is null
            )
        ) as n_opening
    from suggested
    inner join pairs as spelled
        on suggested.spelling = spelled.application_id and spelled.is_granted
    left join pairs as whole
        on
            suggested.application_id = whole.application_id
            and spelled.brid = whole.brid
    left join employees on spelled.brid = employees.brid
    left join set_requirements
        on
            suggested.application_id = set_requirements.application_id
            and employees.persona_set_id = set_requirements.persona_set_id
    where not suggested.is_alternative
    group by 1, 2

),

suggested_before as (

    select
        application_id,
        spelling,
        min(as_of_date) as first_suggested_date,
        count(*) as n_weeks
    from {{ this }}
    where as_of_date < {{ as_of_date() }}
    group by 1, 2

),

described as (

    select
        {{ as_of_date() }} as as_of_date,
        suggested.application_id,
        suggested.spelling,
        suggested.suggestion_kind,
        suggested.suggestion_shape,
        cast(suggested.n_missing as {{ dbt.type_bigint() }}) as n_missing,
        cast(suggested.n_holders as {{ dbt.type_bigint() }}) as n_holders,
        cast(suggested.n_shared as {{ dbt.type_bigint() }}) as n_shared,
        suggested.missing_share,
        suggested.holder_share,
        suggested.overlap_share,
        suggested.is_same_letters,
        cast(effects.n_ending as {{ dbt.type_bigint() }}) as n_ending,
        cast(effects.n_opening as {{ dbt.type_bigint() }}) as n_opening,
        coalesce(suggested_before.first_suggested_date, {{ as_of_date() }}) as first_suggested_date,
        cast(coalesce(suggested_before.n_weeks, 0) + 1 as {{ dbt.type_int() }}) as n_weeks_suggested
    from suggested
    left join effects
        on
            suggested.application_id = effects.application_id
            and suggested.spelling = effects.spelling
    left join suggested_before
        on
            suggested.application_id = suggested_before.application_id
            and suggested.spelling = suggested_before.spelling

)

select * from described
