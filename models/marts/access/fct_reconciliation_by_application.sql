with

reconciliation as (

    select
        application_id,
        reconciliation_status,
        disposition
    from {{ ref('fct_access_reconciliation') }}
    where as_of_date = {{ as_of_date() }}

),

finding_weeks as (

    select
        as_of_date,
        application_id,
        finding_state,
        opened_date,
        age_days,
        is_overdue,
        n_times_reopened
    from {{ ref('fct_finding_weeks') }}
    where as_of_date = {{ as_of_date() }}

),

counted as (

    select
        application_id,
        {{ count_statuses() }}
    from reconciliation
    group by 1

),

finding_flow as (

    select
        application_id,
        {{ count_finding_flow() }}
    from finding_weeks
    group by 1

),

joined as (

    -- An application whose last finding closed or was suspended may have no pair this week.
    select
        application_id,
        {% for name in status_count_names() -%}
            coalesce(counted.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        {{ show_finding_flow('finding_flow') }}
    from counted
    full join finding_flow using (application_id)

),

rated as (

    select
        {{ as_of_date() }} as as_of_date,
        application_id,
        {{ cast_status_counts() }},
        {{ match_rate() }} as match_rate,
        {{ finding_flow_names() | join(', ') }},
        median_age_days
    from joined

)

select * from rated
