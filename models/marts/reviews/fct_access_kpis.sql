with

events as (

    select * from {{ ref('int_timed_events') }}

),

measured as (

    select
        kpi,
        application_id,
        reviewer_brid,
        cast({{ dbt.date_trunc('month', 'counted_date') }} as date) as event_month,
        is_measurable,
        is_measurable and is_ended as is_measured,
        is_measurable and is_ended_otherwise as is_ended_otherwise,
        service_level_days,
        case
            when is_measurable and is_ended
                then {{ dbt.datediff('latest_start_date', 'earliest_end_date', 'day') }}
        end as days_at_least,
        case
            when is_measurable and is_ended
                then {{ dbt.datediff('earliest_start_date', 'latest_end_date', 'day') }}
        end as days_at_most
    from events

),

counted as (

    select
        {{ as_of_date() }} as as_of_date,
        kpi,
        event_month,
        application_id,
        reviewer_brid,
        cast(count(*) as {{ dbt.type_int() }}) as n_events,
        {% for name, condition in {
            'n_measured': 'is_measured',
            'n_not_over': 'is_measurable and not is_measured and not is_ended_otherwise',
            'n_ended_otherwise': 'is_ended_otherwise',
            'n_older_than_history': 'not is_measurable',
            'n_surely_in_time': 'days_at_most <= service_level_days',
            'n_perhaps_in_time': 'days_at_least <= service_level_days',
        }.items() %}
            cast(count(*) filter (where {{ condition }}) as {{ dbt.type_int() }}) as {{ name }},
        {% endfor %}
        cast(percentile_cont(0.5) within group (order by days_at_least) as numeric(9, 1))
            as p50_days_at_least,
        cast(percentile_cont(0.5) within group (order by days_at_most) as numeric(9, 1))
            as p50_days_at_most,
        cast(percentile_cont(0.95) within group (order by days_at_least) as numeric(9, 1))
            as p95_days_at_least,
        cast(percentile_cont(0.95) within group (order by days_at_most) as numeric(9, 1))
            as p95_days_at_most
    from measured
    group by 1, 2, 3, 4, 5

)

select * from counted
