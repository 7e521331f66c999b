{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

requirements_quarantined as (

    -- Without an application, the row asks for any.
    select
        application_spelling,
        count(*) as n_rows
    from {{ ref('stg_loader__quarantined_rows') }}
    where
        feed = 'persona_list'
        and is_row_quarantined
        and {{ is_data_row() }}
    group by 1

),

quarantined_before as (

    select
        application_spelling,
        sum(n_rows) as n_rows
    from {{ ref('stg_loader__previous_quarantined_rows') }}
    where feed = 'persona_list'
    group by 1

),

doubts as (

    -- Rows that no week could read say nothing of this one, or nothing would ever close again.
    select
        coalesce(aliases.application_id, requirements_quarantined.application_spelling)
            as application_id
    from requirements_quarantined
    left join quarantined_before
        on
            requirements_quarantined.application_spelling
            is not distinct from quarantined_before.application_spelling
    left join aliases
        on requirements_quarantined.application_spelling = aliases.application_spelling
    where
        requirements_quarantined.n_rows > coalesce(quarantined_before.n_rows, 0)
        -- In the first week nothing stood, and one such row would leave the whole bank undecided.
        and (
            requirements_quarantined.application_spelling is not null
            or {{ previous_date }} is not null
        )
    group by 1

)

select * from doubts
