{% macro greedy_cover(candidates, n_rounds) -%}
{#-
CTEs that end in `chosen`, the findings that each cause takes. A cause costs as much as one finding, and so does
each finding that its action would open; the cause's number, which is the order of names, breaks ties. Round N
takes the findings `chosen_N` and leaves the candidates of all others in `remaining_N`.
-#}
remaining_0 as (

    select
        finding_number,
        cause_number,
        strength,
        n_opening,
        n_least
    from {{ candidates }}

),

{% for number in range(1, n_rounds + 1) %}
gains_{{ number }} as (

    select
        *,
        count(*) over (partition by cause_number) as n_findings,
        sum(strength) over (partition by cause_number) - 100 - 100 * n_opening as gain
    from remaining_{{ number - 1 }}

),

ranked_{{ number }} as (

    select
        *,
        row_number() over (
            partition by finding_number order by gain desc, cause_number
        ) as cause_rank
    from gains_{{ number }}
    where n_findings >= n_least

),

compared_{{ number }} as (

    select
        *,
        max(cause_rank) over (partition by cause_number) as worst_rank
    from ranked_{{ number }}

),

decided_{{ number }} as (

    select
        *,
        min(worst_rank) over (partition by finding_number) as best_worst_rank
    from compared_{{ number }}

),

chosen_{{ number }} as (

    select
        finding_number,
        cause_number,
        n_least
    from decided_{{ number }}
    where cause_rank = 1{{ '' if loop.last else ' and worst_rank = 1' }}

),

{% if not loop.last %}
remaining_{{ number }} as (

    select
        finding_number,
        cause_number,
        strength,
        n_opening,
        n_least
    from decided_{{ number }}
    where best_worst_rank > 1

),
{% endif %}
{% endfor %}

chosen as (
    {% for number in range(1, n_rounds + 1) %}
    {{ '' if loop.first else 'union all' }}
    select * from chosen_{{ number }}
    {% endfor %}
)
{%- endmacro %}
