with

persona_sets as (

    select
        as_of_date,
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where
        as_of_date < {{ as_of_date() }}
        and as_of_date >= {{ dbt.dateadd('day', -7 * var('former_persona_weeks'), as_of_date()) }}

),

current_sets as (

    select
        brid,
        persona_set_id
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}

),

set_requirements as (

    select
        as_of_date,
        persona_set_id,
        application_id
    from {{ ref('int_persona_set_requirements') }}
    where requirement in ('mandatory', 'optional')

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

former_and_current_sets as (

    select
        persona_sets.brid,
        persona_sets.as_of_date as former_date,
        persona_sets.persona_set_id as former_set_id,
        current_sets.persona_set_id as current_set_id
    from persona_sets
    inner join current_sets on persona_sets.brid = current_sets.brid

),

set_changes as (

    -- Most people change nothing, so what was lost is worked out once for each pair of sets.
    select
        former_date,
        former_set_id,
        current_set_id
    from former_and_current_sets
    group by 1, 2, 3

),

former_requirements as (

    -- What was expected by a name that an alias has explained since is the same application.
    select
        set_requirements.as_of_date,
        set_requirements.persona_set_id,
        coalesce(aliases.application_id, set_requirements.application_id) as application_id
    from set_requirements
    left join aliases on set_requirements.application_id = aliases.application_spelling
    where set_requirements.as_of_date < {{ as_of_date() }}

),

expectations_lost as (

    select
        set_changes.former_date,
        set_changes.former_set_id,
        set_changes.current_set_id,
        former_requirements.application_id
    from set_changes
    inner join former_requirements
        on
            set_changes.former_date = former_requirements.as_of_date
            and set_changes.former_set_id = former_requirements.persona_set_id
    left join set_requirements as current_requirements
        on
            set_changes.current_set_id = current_requirements.persona_set_id
            and former_requirements.application_id = current_requirements.application_id
            and current_requirements.as_of_date = {{ as_of_date() }}
    where current_requirements.application_id is null

),

former_expectations as (

    select
        former_and_current_sets.brid,
        expectations_lost.application_id,
        max(expectations_lost.former_date) as last_expected_date
    from former_and_current_sets
    inner join expectations_lost
        on
            former_and_current_sets.former_date = expectations_lost.former_date
            and former_and_current_sets.former_set_id = expectations_lost.former_set_id
            and former_and_current_sets.current_set_id = expectations_lost.current_set_id
    group by 1, 2

)

select * from former_expectations
