with

in_question as (

    select
        brid,
        application_id,
        reconciliation_status,
        reconciliation_reason,
        status_since_date
    from {{ ref('fct_access_reconciliation') }}
    where
        as_of_date = {{ as_of_date() }}
        and (
            reconciliation_status in ('missing', 'excess')
            or (
                reconciliation_status = 'unassessed'
                and reconciliation_reason <> 'non_human_registered'
            )
        )

),

applications as (

    select
        application_id,
        is_modelled,
        n_holders
    from {{ ref('dim_applications') }}

),

history as (

    select min(as_of_date) as first_date from {{ ref('int_application_weeks') }}

),

population as (

    select count(*) as n_people from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

missing as (

    select * from in_question
    where reconciliation_status = 'missing'

),

missed_applications as (

    select
        application_id,
        count(*) as n_missing
    from missing
    group by 1

),

unexpected as (

    -- Access that is not expected of its holder: a name that no persona lists, or another persona's
    -- application.
    select * from in_question
    where reconciliation_status = 'unassessed' or reconciliation_reason = 'never_expected'

),

shared_people as (

    -- A person who lost one application and got the other in the same weeks may have been moved to
    -- it.
    select
        missing.application_id,
        unexpected.application_id as spelling,
        count(*) as n_shared,
        count(*) filter (
            where missing.status_since_date > history.first_date
            and {{ dbt.datediff(
                'missing.status_since_date', 'unexpected.status_since_date', 'day'
            ) }} between -14 and 14
        ) as n_together
    from missing
    inner join unexpected on missing.brid = unexpected.brid
    cross join history
    group by 1, 2

),

measured as (

    select
        shared_people.application_id,
        shared_people.spelling,
        shared_people.n_shared,
        shared_people.n_together,
        missed_applications.n_missing,
        spellings.n_holders,
        missed.n_holders as n_holders_of_missed,
        spellings.is_modelled as is_spelling_modelled,
        population.n_people,
        (
            translate(shared_people.application_id, '-_. /', '')
            = translate(shared_people.spelling, '-_. /', '')
        ) as is_same_letters
    from shared_people
    inner join missed_applications
        on shared_people.application_id = missed_applications.application_id
    inner join applications as missed on shared_people.application_id = missed.application_id
    inner join applications as spellings on shared_people.spelling = spellings.application_id
    cross join population

)

select * from measured
