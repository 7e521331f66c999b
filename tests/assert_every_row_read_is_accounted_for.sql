with

loads as (

    select
        feed,
        file_name,
        n_rows_read,
        n_rows_loaded,
        n_rows_quarantined,
        is_in_force
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded'

),

current_loads as (

    -- A week can have several files of answers.
    select
        feed,
        min(file_name) as file_name,
        sum(n_rows_loaded) as n_rows_loaded,
        sum(n_rows_quarantined) as n_rows_quarantined
    from loads
    where is_in_force
    group by 1

),

answers as (

    select all_answers.load_id
    from {{ ref('stg_reviews__answers') }} as all_answers
    inner join {{ ref('stg_loader__loads') }} as all_loads
        on all_answers.load_id = all_loads.load_id
    where all_loads.is_in_force

),

staged_rows as (

    select
        'hr_headcount' as feed,
        count(*) as n_rows
    from {{ ref('stg_hr__employees') }}

    union all

    select
        'iam_app_registry' as feed,
        count(*) as n_rows
    from {{ ref('stg_iam__grants') }}

    union all

    select
        'persona_list' as feed,
        count(*) as n_rows
    from {{ ref('stg_personas__requirements') }}

    union all

    select
        'persona_members' as feed,
        count(*) as n_rows
    from {{ ref('stg_personas__members') }}

    union all

    select
        'review_decisions' as feed,
        count(*) as n_rows
    from answers

),

rows_quarantined as (

    select
        feed,
        count(*) filter (where quarantine_stage = 'loader') as n_by_loader,
        count(*) filter (where quarantine_stage in ('key', 'not_in_force')) as n_by_models
    from {{ ref('fct_quarantined_rows') }}
    where as_of_date = {{ as_of_date() }}
    group by 1

),

rows_used as (

    select
        'hr_headcount' as feed,
        coalesce(sum(n_hr_rows), 0) as n_rows
    from {{ ref('int_employees') }}

    union all

    select
        'iam_app_registry' as feed,
        coalesce(sum(n_grant_rows), 0) as n_rows
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

balances as (

    select
        feed,
        file_name,
        'rows read = rows loaded + rows quarantined' as law,
        n_rows_read as n_rows_in,
        n_rows_loaded + n_rows_quarantined as n_rows_out
    from loads

    union all

    select
        current_loads.feed,
        current_loads.file_name,
        'rows loaded = rows staged' as law,
        current_loads.n_rows_loaded as n_rows_in,
        coalesce(staged_rows.n_rows, 0) as n_rows_out
    from current_loads
    left join staged_rows on current_loads.feed = staged_rows.feed

    union all

    select
        current_loads.feed,
        current_loads.file_name,
        'rows quarantined by the loader = its rows in the quarantine mart' as law,
        current_loads.n_rows_quarantined as n_rows_in,
        coalesce(rows_quarantined.n_by_loader, 0) as n_rows_out
    from current_loads
    left join rows_quarantined on current_loads.feed = rows_quarantined.feed

    union all

    select
        current_loads.feed,
        current_loads.file_name,
        'rows loaded = rows used + rows quarantined by the models' as law,
        current_loads.n_rows_loaded as n_rows_in,
        rows_used.n_rows + coalesce(rows_quarantined.n_by_models, 0) as n_rows_out
    from current_loads
    inner join rows_used on current_loads.feed = rows_used.feed
    left join rows_quarantined on current_loads.feed = rows_quarantined.feed

),

broken as (

    select * from balances
    where n_rows_in is distinct from n_rows_out

)

select * from broken
