{% set decided = ['valid_from', 'valid_to', 'approved_by', 'approved_on', 'rationale'] %}
with

waivers as (

    select * from {{ ref('stg_decisions__waivers') }}

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

overrides as (

    select * from {{ ref('stg_decisions__persona_overrides') }}

),

accounts as (

    select * from {{ ref('stg_decisions__non_human_accounts') }}

),

decided_exceptions as (

    select * from {{ ref('int_decided_exceptions') }}

),

combined as (

    select
        'waiver' as exception_kind,
        waivers.waiver_id as exception_id,
        waivers.brid,
        coalesce(aliases.application_id, waivers.application_spelling) as application_id,
        cast(null as {{ dbt.type_string() }}) as persona_id,
        cast(null as {{ dbt.type_string() }}) as purpose,
        cast(null as {{ dbt.type_string() }}) as owner_brid,
        waivers.requested_by,
        {% for column in decided %}
            waivers.{{ column }},
        {% endfor %}
        cast(null as {{ dbt.type_string() }}) as decided_state
    from waivers
    left join aliases on waivers.application_spelling = aliases.application_spelling

    union all

    select
        'persona_override' as exception_kind,
        override_id as exception_id,
        brid,
        null as application_id,
        persona_id,
        null as purpose,
        null as owner_brid,
        requested_by,
        {{ decided | join(', ') }},
        null as decided_state
    from overrides

    union all

    select
        'non_human_account' as exception_kind,
        null as exception_id,
        brid,
        null as application_id,
        null as persona_id,
        purpose,
        owner_brid,
        null as requested_by,
        {{ decided | join(', ') }},
        null as decided_state
    from accounts

    union all

    select
        'review_decision' as exception_kind,
        decision_id as exception_id,
        brid,
        application_id,
        null as persona_id,
        null as purpose,
        null as owner_brid,
        requested_by,
        {{ decided | join(', ') }},
        exception_state as decided_state
    from decided_exceptions

),

dated as (

    select
        *,
        case
            when decided_state is not null then decided_state
            when valid_from > {{ as_of_date() }} then 'not_started'
            when valid_to < {{ as_of_date() }} then 'expired'
            else 'in_force'
        end as exception_state,
        case
            when valid_to >= {{ as_of_date() }}
                then
                    cast(
                        {{ dbt.datediff(as_of_date(), 'valid_to', 'day') }} as {{ dbt.type_int() }}
                    )
        end as n_days_left
    from combined

)

select * from dated
