{% set shares = var('week_max_spike_shares') %}
{% set counts = var('week_min_spikes') %}

with

weeks as (

    select
        as_of_date,
        n_employees,
        n_unresolved_employees,
        n_excess,
        n_missing,
        row_number() over (order by as_of_date desc) as recency,
        row_number() over (order by as_of_date) as week_number
    from {{ ref('fct_reconciliation_by_week') }}
    where as_of_date <= {{ as_of_date() }}

),

leavers as (

    select
        as_of_date,
        count(*) as n_leavers
    from {{ ref('fct_movements') }}
    where movement_type = 'leaver'
    group by as_of_date

),

measured as (

    {% for gate, measure in {
        'leavers_spike': 'coalesce(leavers.n_leavers, 0)',
        'excess_spike': 'weeks.n_excess',
        'missing_spike': 'weeks.n_missing',
        'unresolved_spike': 'weeks.n_unresolved_employees',
    }.items() %}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ gate }}' as gate,
            weeks.as_of_date,
            weeks.n_employees,
            {{ measure }} as n_found,
            {{ shares[gate] }} as max_share,
            {{ counts[gate] }} as min_spike,
            weeks.recency
        from weeks
        left join leavers on weeks.as_of_date = leavers.as_of_date
        where
            weeks.recency <= 9
            -- Who left before the first week, nobody knows.
            {% if gate == 'leavers_spike' %}and weeks.week_number > 1{% endif %}
    {% endfor %}

),

usual as (

    select
        gate,
        percentile_cont(0.5) within group (order by n_found) as n_usual
    from measured
    where recency > 1
    group by gate

),

spikes as (

    select
        measured.gate,
        measured.as_of_date,
        measured.n_found,
        usual.n_usual,
        measured.n_employees,
        measured.max_share
    from measured
    inner join usual on measured.gate = usual.gate
    where
        measured.recency = 1
        and measured.n_found - usual.n_usual > measured.max_share * measured.n_employees
        and measured.n_found - usual.n_usual > measured.min_spike
        and {{ gate_is_closed('measured.gate') }}

)

select * from spikes
