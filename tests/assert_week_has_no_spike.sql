{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

measured as (

    select * from {{ ref('rpt_week_spikes') }}
    where as_of_date = {{ as_of_date() }}

),

people as (

    select
        'leavers_spike' as gate,
        brid
    from {{ ref('fct_movements') }}
    where as_of_date = {{ as_of_date() }} and movement_type = 'leaver'

    union all

    select
        finding_type || '_spike' as gate,
        brid
    from {{ ref('fct_finding_changes') }}
    where as_of_date = {{ as_of_date() }} and finding_change <> 'closed'

    union all

    select
        'unresolved_spike' as gate,
        brid
    from {{ ref('fct_reconciliation_by_employee') }}
    where as_of_date = {{ as_of_date() }} and unresolved_reason is not null

),

people_ranked as (

    select
        gate,
        brid,
        row_number() over (partition by gate order by brid) as place
    from people
    group by gate, brid

),

examples as (

    select
        gate,
        {{ dbt.listagg(measure="brid", delimiter_text="' '", order_by_clause="order by brid") }}
            as examples
    from people_ranked
    where place <= 10
    group by gate

),

spikes as (

    select
        measured.gate,
        measured.as_of_date,
        measured.n_found,
        measured.n_accepted_level,
        measured.max_beyond,
        measured.n_employees,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        cast(null as {{ dbt.type_string() }}) as department,
        examples.examples
    from measured
    left join examples on measured.gate = examples.gate
    where
        measured.n_found - measured.n_accepted_level > measured.max_beyond
        and {{ gate_is_closed('measured.gate') }}

),

people_before as (

    select
        brid,
        cost_center,
        department
    from {{ ref('int_employee_weeks') }}
    where as_of_date = {{ previous_date }} and is_employed

),

teams as (

    select
        brid,
        cost_center,
        cast(null as {{ dbt.type_string() }}) as department
    from people_before
    where cost_center is not null

    union all

    select
        brid,
        cast(null as {{ dbt.type_string() }}) as cost_center,
        department
    from people_before
    where department is not null

),

vanished as (

    select brid from {{ ref('fct_movements') }}
    where as_of_date = {{ as_of_date() }} and is_gone_from_hr_file

),

parts_lost as (

    -- A file that lost half of a region is a small loss for the bank, but a large one for the
    -- region.
    select
        'leavers_spike' as gate,
        {{ as_of_date() }} as as_of_date,
        count(vanished.brid) as n_found,
        0 as n_accepted_level,
        greatest(0.5 * count(*), {{ var('week_min_count') }}) as max_beyond,
        count(*) as n_employees,
        teams.cost_center,
        teams.department,
        cast(null as {{ dbt.type_string() }}) as examples
    from teams
    left join vanished on teams.brid = vanished.brid
    where {{ gate_is_closed("'leavers_spike'") }}
    group by teams.cost_center, teams.department
    having count(vanished.brid) > greatest(0.5 * count(*), {{ var('week_min_count') }})

),

stopped as (

    select * from spikes
    union all
    select * from parts_lost

)

select * from stopped
