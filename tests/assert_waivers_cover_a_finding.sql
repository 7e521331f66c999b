with

waivers as (

    select
        brid,
        application_id,
        waiver_id
    from {{ ref('int_waivers') }}

),

findings as (

    select
        as_of_date,
        brid,
        application_id
    from {{ ref('fct_access_reconciliation') }}
    where reconciliation_status in ('missing', 'excess') and as_of_date <= {{ as_of_date() }}

),

waived_this_week as (

    select
        brid,
        application_id
    from findings
    where as_of_date = {{ as_of_date() }}

),

idle_waivers as (

    select
        waivers.brid,
        waivers.application_id,
        waivers.waiver_id
    from waivers
    left join waived_this_week
        on
            waivers.brid = waived_this_week.brid
            and waivers.application_id = waived_this_week.application_id
    where waived_this_week.brid is null

),

-- A finding that was closed in the meantime is good news; one that never was is a typing error.
ever_needed as (

    select
        idle_waivers.waiver_id,
        count(*) as n_weeks
    from idle_waivers
    inner join findings
        on
            idle_waivers.brid = findings.brid
            and idle_waivers.application_id = findings.application_id
    group by 1

),

never_needed as (

    select
        idle_waivers.waiver_id as decision_id,
        'brid, application_id' as column_name,
        idle_waivers.brid || ', ' || idle_waivers.application_id as value_found,
        'No week has a finding for this pair.' as reason
    from idle_waivers
    left join ever_needed on idle_waivers.waiver_id = ever_needed.waiver_id
    where ever_needed.waiver_id is null

)

select * from never_needed
