{{ config(severity='warn') }}

with

loads as (

    select
        source_name,
        extract_date,
        version,
        n_rows_loaded,
        is_in_force
    from {{ ref('stg_loader__loads') }}
    where load_status = 'loaded' and extract_date <= {{ as_of_date() }}

),

personas as (

    select
        persona_id,
        as_of_date,
        n_employees
    from {{ ref('fct_reconciliation_by_persona') }}
    where as_of_date <= {{ as_of_date() }}

),

applications as (

    select
        application_id,
        as_of_date,
        n_match + n_excess + n_unassessed as n_held
    from {{ ref('fct_reconciliation_by_application') }}
    where as_of_date <= {{ as_of_date() }}

),

counts as (

    select
        'feed' as thing_type,
        source_name as thing,
        extract_date as count_date,
        n_rows_loaded as n_found,
        is_in_force as is_current
    from loads
    union all
    select
        'persona' as thing_type,
        persona_id as thing,
        as_of_date as count_date,
        n_employees as n_found,
        as_of_date = {{ as_of_date() }} as is_current
    from personas
    union all
    select
        'application' as thing_type,
        application_id as thing,
        as_of_date as count_date,
        n_held as n_found,
        as_of_date = {{ as_of_date() }} as is_current
    from applications

),

earlier as (

    select
        thing_type,
        thing,
        n_found,
        row_number() over (
            partition by thing_type, thing order by count_date desc, n_found
        ) as recency
    from counts
    where not is_current

),

medians as (

    select
        thing_type,
        thing,
        count(*) as n_weeks,
        percentile_cont(0.5) within group (order by n_found) as n_usual
    from earlier
    where recency <= {{ var('anomaly_weeks') }}
    group by thing_type, thing

),

deviations as (

    select
        earlier.thing_type,
        earlier.thing,
        medians.n_weeks,
        medians.n_usual,
        percentile_cont(0.5) within group (
            order by abs(earlier.n_found - medians.n_usual)
        ) as median_deviation
    from earlier
    inner join medians
        on earlier.thing_type = medians.thing_type and earlier.thing = medians.thing
    where earlier.recency <= {{ var('anomaly_weeks') }}
    group by earlier.thing_type, earlier.thing, medians.n_weeks, medians.n_usual

),

unusual as (

    select
        counts.thing_type,
        counts.thing,
        counts.n_found,
        deviations.n_usual,
        deviations.median_deviation
    from counts
    inner join deviations
        on counts.thing_type = deviations.thing_type and counts.thing = deviations.thing
    where
        counts.is_current
        and deviations.n_weeks >= 4
        and abs(counts.n_found - deviations.n_usual) >= {{ var('anomaly_min_difference') }}
        -- For a normal distribution, 1.4826 median deviations are one standard deviation. A count
        -- that never changed has no deviation, so one percent of it counts as its usual spread.
        and abs(counts.n_found - deviations.n_usual)
        > {{ var('anomaly_max_deviations') }}
        * greatest(1.4826 * deviations.median_deviation, 0.01 * deviations.n_usual)

)

select * from unusual
