{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

employees as (

    select
        brid,
        persona_set_id,
        last_whole_date < as_of_date as is_in_doubt
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

previous_employees as (

    select
        brid,
        persona_set_id,
        coalesce(last_whole_date, as_of_date) as last_whole_date
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ previous_date }} and persona_set_id <> ''

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

    -- People who left expect nothing, and lose nothing by coming back. For people in doubt, nothing
    -- is known yet; they are compared with what they had when they were last readable.
    select
        previous_employees.brid,
        previous_employees.last_whole_date,
        previous_employees.persona_set_id as former_set_id,
        coalesce(employees.persona_set_id, '') as current_set_id
    from previous_employees
    left join employees on previous_employees.brid = employees.brid
    where not coalesce(employees.is_in_doubt, false)

),

set_changes as (

    -- Most people do not change, so lost expectations are computed once for each pair of sets.
    select
        last_whole_date,
        former_set_id,
        current_set_id
    from former_and_current_sets
    group by 1, 2, 3

),

former_requirements as (

    -- An application that was expected under a name with a newer alias is the same application.
    select
        set_changes.last_whole_date,
        set_changes.former_set_id,
        set_changes.current_set_id,
        coalesce(aliases.application_id, set_requirements.application_id) as application_id
    from set_changes
    inner join set_requirements
        on
            set_changes.former_set_id = set_requirements.persona_set_id
            and set_changes.last_whole_date = set_requirements.as_of_date
    left join aliases on set_requirements.application_id = aliases.application_spelling
    group by 1, 2, 3, 4

),

requirements_lost as (

    select former_requirements.* from former_requirements
    left join set_requirements as current_requirements
        on
            former_requirements.current_set_id = current_requirements.persona_set_id
            and former_requirements.application_id = current_requirements.application_id
            and current_requirements.as_of_date = {{ as_of_date() }}
    where current_requirements.application_id is null

),

expectations_lost as (

    select
        {{ as_of_date() }} as as_of_date,
        former_and_current_sets.brid,
        requirements_lost.application_id,
        last_whole_date as last_expected_date,
        -- HR delivers no day of a move, so the day is between the two weeks. In a longer gap, only
        -- the last days count, or the gap would use up the grace.
        greatest(
            cast({{ dbt.dateadd('day', -3, as_of_date()) }} as date), {{ previous_date }}
        ) as moved_date,
        former_set_id = current_set_id as is_withdrawn
    from former_and_current_sets
    inner join requirements_lost using (last_whole_date, former_set_id, current_set_id)

)

select * from expectations_lost
