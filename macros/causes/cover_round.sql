{% macro cover_round(number, is_last=false) -%}
{#-
CTEs of one round of the greedy cover: `chosen_N` are the findings that a cause takes, `remaining_N` the
candidates of all others. A cause costs as much as one finding, and so does each finding that its action
would newly make; ties go by the cause's number, which is the order of names.
-#}
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
    where cause_rank = 1{{ '' if is_last else ' and worst_rank = 1' }}

),

{% if not is_last -%}
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
{%- endif %}
{%- endmacro %}
