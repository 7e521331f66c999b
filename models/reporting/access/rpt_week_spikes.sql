-- With few people, one team is a large share; more than half of all people is more than a team.
{% set shares = var('week_max_spike_shares') %}
{% set counts = var('week_min_spikes') %}
with

weeks as (

    select
        as_of_date,
        n_employees,
        n_unresolved_employees,
        n_match,
        n_excess,
        n_missing,
        n_leavers,
        min(as_of_date) over () as first_date
    from {{ ref('rpt_week_figures') }}

),

measured as (

    {% for gate, measure, whole in [
        ('leavers_spike', 'n_leavers', 'n_employees + n_leavers'),
        ('excess_spike', 'n_excess', 'n_match + n_excess'),
        ('missing_spike', 'n_missing', 'n_match + n_missing'),
        ('unresolved_spike', 'n_unresolved_employees', 'n_employees'),
    ] %}
        select
            as_of_date,
            '{{ gate }}' as gate,
            n_employees,
            {{ measure }} as n_found,
            cast(
                least(
                    greatest({{ shares[gate] }} * n_employees, {{ counts[gate] }}),
                    greatest(0.5 * ({{ whole }}), {{ var('week_min_count') }})
                ) as numeric(18, 3)
            ) as max_beyond
        from weeks
        -- Who left before the first week, nobody knows.
        {{ 'where as_of_date > first_date' if gate == 'leavers_spike' }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from measured
