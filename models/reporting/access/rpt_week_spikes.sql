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

),

placed as (

    select
        *,
        row_number() over (partition by gate order by as_of_date) as place
    from measured

),

accepted as (

    -- An accepted number is the level from then on.
    select
        placed.as_of_date,
        placed.gate,
        max(lifted.as_of_date) as accepted_date
    from placed
    inner join {{ ref('stg_runs__accepted_gates') }} as lifted
        on placed.gate = lifted.gate and placed.as_of_date > lifted.as_of_date
    group by placed.as_of_date, placed.gate

),

levels as (

    -- Two consecutive weeks at a new level change the level, so that one wave stops only once.
    select
        placed.as_of_date,
        placed.gate,
        greatest(
            percentile_cont(0.5) within group (order by earlier.n_found),
            max(case when earlier.place = placed.place - 1 then earlier.n_found end)
        ) as n_accepted_level
    from placed
    left join accepted on placed.as_of_date = accepted.as_of_date and placed.gate = accepted.gate
    inner join placed as earlier
        on
            placed.gate = earlier.gate
            and placed.place > earlier.place
            and placed.place <= earlier.place + 8
            and (accepted.accepted_date is null or accepted.accepted_date <= earlier.as_of_date)
    group by placed.as_of_date, placed.gate

),

spikes as (

    select
        placed.as_of_date,
        placed.gate,
        placed.n_employees,
        placed.n_found,
        cast(levels.n_accepted_level as numeric(18, 3)) as n_accepted_level,
        placed.max_beyond
    from placed
    left join levels on placed.as_of_date = levels.as_of_date and placed.gate = levels.gate

)

select * from spikes
