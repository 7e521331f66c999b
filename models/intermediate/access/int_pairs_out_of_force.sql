-- What could be read last and gave no access: a week ago, or since then an unreadable row.
{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}
with

not_counted as (

    select
        {{ normalise_holder('holder') }} as brid,
        {{ normalise_application_id('held') }} as application_spelling
    from {{ ref('int_rows_not_counted') }}
    where feed = 'iam_app_registry' and is_before

),

pairs as (

    select
        coalesce(account_owners.owner_brid, not_counted.brid) as brid,
        coalesce(aliases.application_id, not_counted.application_spelling) as application_id,
        {{ previous_date }} as last_read_date
    from not_counted
    left join {{ ref('int_application_aliases') }} as aliases
        on not_counted.application_spelling = aliases.application_spelling
    left join {{ ref('int_account_owners') }} as account_owners
        on not_counted.brid = account_owners.account_brid

    union all

    select
        brid,
        application_id,
        last_read_date
    from {{ ref('stg_history__access_presumed') }}
    where
        as_of_date = {{ previous_as_of_date(ref('stg_history__access_presumed')) }}
        and is_out_of_force
        and {{ dbt.datediff('last_read_date', as_of_date(), 'day') }}
        <= 7 * {{ var('quarantine_doubt_weeks') }}

),

out_of_force as (

    select
        brid,
        application_id,
        max(last_read_date) as last_read_date
    from pairs
    group by 1, 2

)

select * from out_of_force
