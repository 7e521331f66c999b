{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}
{% set counts = [
    'n_findings', 'n_missing', 'n_excess', 'n_suspended', 'n_new', 'n_people', 'n_applications'
] %}
with

ranked as (

    select * from {{ ref('int_causes_ranked') }}

),

snoozes as (

    select
        cause_id,
        snoozed_until_date,
        snooze_reason
    from {{ ref('int_cause_snoozes') }}

),

weeks_before as (

    select
        cause_id,
        min(as_of_date) as first_seen_date,
        count(*) filter (where cause_state = 'closed') as n_times_closed
    from {{ this }}
    where as_of_date < {{ as_of_date() }}
    group by 1

),

causes_before as (

    select * from {{ this }}
    where as_of_date = {{ previous_date }} and cause_state <> 'closed'

),

followed as (

    select
        {{ as_of_date() }} as as_of_date,
        ranked.cause_id,
        ranked.cause_kind,
        case when snoozes.cause_id is not null then 'snoozed' else 'open' end as cause_state,
        ranked.risk_level,
        cast(ranked.cause_rank as {{ dbt.type_int() }}) as cause_rank,
        ranked.subject_brid,
        ranked.about_persona_id as subject_persona_id,
        ranked.subject_application_id,
        ranked.subject_detail,
        coalesce(weeks_before.first_seen_date, {{ as_of_date() }}) as first_seen_date,
        coalesce(causes_before.opened_date, {{ as_of_date() }}) as opened_date,
        cast(null as date) as closed_date,
        cast(coalesce(weeks_before.n_times_closed, 0) as {{ dbt.type_int() }}) as n_times_reopened,
        {% for count in counts %}
            cast(ranked.{{ count }} as {{ dbt.type_bigint() }}) as {{ count }},
        {% endfor %}
        ranked.oldest_finding_date,
        cast(ranked.n_supporting as {{ dbt.type_bigint() }}) as n_supporting,
        cast(ranked.n_considered as {{ dbt.type_bigint() }}) as n_considered,
        ranked.alternative_application_id,
        ranked.cause_action,
        ranked.action_role,
        ranked.action_brid,
        cast(ranked.n_ending as {{ dbt.type_bigint() }}) as n_ending,
        cast(ranked.n_opening as {{ dbt.type_bigint() }}) as n_opening,
        ranked.has_patch,
        ranked.proposed_persona_id,
        snoozes.snoozed_until_date,
        snoozes.snooze_reason
    from ranked
    left join weeks_before on ranked.cause_id = weeks_before.cause_id
    left join causes_before on ranked.cause_id = causes_before.cause_id
    left join snoozes on ranked.cause_id = snoozes.cause_id

    union all

    -- A cause that explains nothing any more is closed once, with its last known values.
    select
        {{ as_of_date() }} as as_of_date,
        causes_before.cause_id,
        causes_before.cause_kind,
        'closed' as cause_state,
        causes_before.risk_level,
        null as cause_rank,
        causes_before.subject_brid,
        causes_before.subject_persona_id,
        causes_before.subject_application_id,
        causes_before.subject_detail,
        causes_before.first_seen_date,
        causes_before.opened_date,
        {{ as_of_date() }} as closed_date,
        causes_before.n_times_reopened,
        {% for count in counts %}
            0 as {{ count }},
        {% endfor %}
        causes_before.oldest_finding_date,
        causes_before.n_supporting,
        causes_before.n_considered,
        causes_before.alternative_application_id,
        causes_before.cause_action,
        causes_before.action_role,
        causes_before.action_brid,
        0 as n_ending,
        0 as n_opening,
        causes_before.has_patch,
        causes_before.proposed_persona_id,
        null as snoozed_until_date,
        null as snooze_reason
    from causes_before
    left join ranked on causes_before.cause_id = ranked.cause_id
    where ranked.cause_id is null

)

select * from followed
