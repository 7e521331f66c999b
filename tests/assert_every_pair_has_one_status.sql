with

reconciliation as (

    -- One scan of the week, so that the law stays cheap at millions of pairs.
    select
        count(*) filter (where reconciliation_status in ('match', 'excess', 'unassessed'))
            as n_classified_as_held,
        count(*) filter (where is_granted) as n_held,
        count(*) filter (where is_granted and n_grant_rows = 0) as n_held_without_a_row,
        count(*) filter (
            where
            requirement = 'mandatory'
            and (
                reconciliation_status in ('match', 'missing')
                or reconciliation_reason in ('grant_row_quarantined', 'source_late')
            )
        ) as n_classified_as_due
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

persona_sets as (

    select
        persona_set_id,
        count(*) as n_employees
    from {{ ref('int_employee_persona_sets') }}
    where as_of_date = {{ as_of_date() }}
    group by 1

),

set_requirements as (

    select
        persona_set_id,
        count(*) as n_mandatory
    from {{ ref('int_persona_set_requirements') }}
    where as_of_date = {{ as_of_date() }} and requirement = 'mandatory'
    group by 1

),

due_access as (

    select coalesce(sum(persona_sets.n_employees * set_requirements.n_mandatory), 0) as n_pairs
    from persona_sets
    inner join set_requirements
        on persona_sets.persona_set_id = set_requirements.persona_set_id

),

presumed as (

    select count(*) as n_pairs from {{ ref('int_access_presumed') }}
    where as_of_date = {{ as_of_date() }}

),

balances as (

    -- Other tests ensure one row per pair and no lost grant row, so these are the actual pairs.
    select
        'match + excess + unassessed = pairs held' as law,
        n_held as n_in,
        n_classified_as_held as n_out
    from reconciliation

    union all

    select
        'pairs held without a grant row = pairs presumed' as law,
        presumed.n_pairs as n_in,
        reconciliation.n_held_without_a_row as n_out
    from presumed
    cross join reconciliation

    union all

    select
        'match + missing of what is mandatory = mandatory pairs due' as law,
        due_access.n_pairs as n_in,
        reconciliation.n_classified_as_due as n_out
    from due_access
    cross join reconciliation

),

broken as (

    select * from balances
    where n_in is distinct from n_out

)

select * from broken
