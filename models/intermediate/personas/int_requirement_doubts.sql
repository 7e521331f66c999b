{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

requirements_quarantined as (

    -- A row without an application may concern any application.
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

    -- Rows that were unreadable in every week prove nothing about this one; otherwise no finding
    -- would ever close again.
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
        -- The first week has no earlier state, and one such row would leave the whole bank
        -- undecided.
        and (
            requirements_quarantined.application_spelling is not null
            or {{ previous_date }} is not null
        )
    group by 1

)

select * from doubts
