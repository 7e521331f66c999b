with

in_question as (

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
            or reconciliation_reason in ('application_unknown', 'application_not_modelled')
        )

),

applications as (

    select
        application_id,
        n_holders
    from {{ ref('dim_applications') }}

),

missed_applications as (

    -- Applications that nobody holds under their own spelling.
    select
        in_question.application_id,
        count(*) as n_missing
    from in_question
    inner join applications on in_question.application_id = applications.application_id
    where
        in_question.reconciliation_status = 'missing'
        and applications.n_holders = 0
    group by 1

),

missing as (

    select
        in_question.brid,
        in_question.application_id,
        missed_applications.n_missing
    from in_question
    inner join missed_applications
        on in_question.application_id = missed_applications.application_id
    where in_question.reconciliation_status = 'missing'

),

unexplained as (

    select
        brid,
        application_id as spelling
    from in_question
    where reconciliation_reason in ('application_unknown', 'application_not_modelled')

),

holders as (

    select
        spelling,
        count(*) as n_holders
    from unexplained
    group by 1

),

shared_people as (

    select
        missing.application_id,
        unexplained.spelling,
        missing.n_missing,
        count(*) as n_shared
    from missing
    inner join unexplained on missing.brid = unexplained.brid
    group by 1, 2, 3

),

measured as (

    select
        shared_people.application_id,
        shared_people.spelling,
        shared_people.n_missing,
        holders.n_holders,
        shared_people.n_shared,
        cast(
            cast(shared_people.n_shared as {{ dbt.type_numeric() }})
            / (shared_people.n_missing + holders.n_holders - shared_people.n_shared)
            as numeric(7, 6)
        ) as overlap_share
    from shared_people
    inner join holders on shared_people.spelling = holders.spelling

),

suggested as (

    select
        {{ as_of_date() }} as as_of_date,
        application_id,
        spelling,
        cast(n_missing as {{ dbt.type_bigint() }}) as n_missing,
        cast(n_holders as {{ dbt.type_bigint() }}) as n_holders,
        cast(n_shared as {{ dbt.type_bigint() }}) as n_shared,
        overlap_share
    from measured
    where overlap_share >= {{ var('alias_suggestion_min_overlap') }}

)

select * from suggested
