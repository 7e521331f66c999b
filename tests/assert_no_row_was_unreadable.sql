{{ config(severity='warn') }}

with

quarantined_rows as (

    select
        feed,
        file_name,
        quarantine_reason,
        column_name,
        row_number
    from {{ ref('fct_quarantined_rows') }}
    where
        as_of_date = {{ as_of_date() }}
        and quarantine_stage in ('loader', 'loader_value', 'value_before', 'key')

),

counted as (

    select
        feed,
        file_name,
        quarantine_reason as reason,
        column_name,
        count(*) as n_rows,
        min(row_number) as first_row_number
    from quarantined_rows
    group by 1, 2, 3, 4

),

doubted as (

    -- Doubt lasts as long as the row: unknown is not wrong. But people must be informed.
    select
        reconciliation_reason,
        brid,
        max(as_of_date) as last_date,
        count(distinct as_of_date) as n_weeks
    from {{ ref('fct_access_reconciliation') }}
    where
        reconciliation_reason in ('hr_row_quarantined', 'membership_row_quarantined')
        and {{ dbt.datediff('as_of_date', as_of_date(), 'day') }}
        between 0 and 7 * {{ var('quarantine_doubt_weeks') }}
    group by 1, 2

),

doubted_for_long as (

    select
        case reconciliation_reason
            when 'hr_row_quarantined' then 'hr_headcount'
            else 'persona_members'
        end as feed,
        'of every week since {{ var('quarantine_doubt_weeks') }} weeks ago' as file_name,
        reconciliation_reason as reason,
        'brid' as column_name,
        count(*) as n_rows,
        cast(null as {{ dbt.type_bigint() }}) as first_row_number
    from doubted
    where last_date = {{ as_of_date() }} and n_weeks > {{ var('quarantine_doubt_weeks') }}
    group by 1, 2, 3, 4

),

told as (

    select * from counted
    union all
    select * from doubted_for_long

)

select * from told
