with

snoozes as (

    select
        cause_id,
        valid_to,
        rationale
    from {{ ref('stg_decisions__cause_snoozes') }}
    where is_in_force

),

ranked as (

    select
        *,
        row_number() over (
            partition by cause_id order by valid_to desc nulls last, rationale
        ) as snooze_rank
    from snoozes

),

lasting_snoozes as (

    select
        cause_id,
        valid_to as snoozed_until_date,
        rationale as snooze_reason
    from ranked
    where snooze_rank = 1

)

select * from lasting_snoozes
