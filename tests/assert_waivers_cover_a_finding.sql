with

waivers as (

    select
        brid,
        application_id,
        waiver_id
    from {{ ref('int_waivers') }}

),

-- A finding that was closed in the meantime is good news; one that never existed is a typing error.
findings as (

    select distinct
        brid,
        application_id
    from {{ ref('fct_finding_weeks') }}
    where
        as_of_date = {{ as_of_date() }}
        or (as_of_date < {{ as_of_date() }} and finding_state = 'closed')

),

never_needed as (

    select
        waivers.waiver_id as decision_id,
        'brid, application_id' as column_name,
        waivers.brid || ', ' || waivers.application_id as value_found,
        'No week has a finding for this pair.' as reason
    from waivers
    left join findings
        on
            waivers.brid = findings.brid
            and waivers.application_id = findings.application_id
    where findings.brid is null

)

select * from never_needed
