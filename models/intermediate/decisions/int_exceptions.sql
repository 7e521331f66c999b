with

waivers as (

    select
        waiver_id,
        brid,
        application_spelling,
        requested_by,
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale
    from {{ ref('stg_decisions__waivers') }}

),

aliases as (

    select
        application_spelling,
        application_id
    from {{ ref('int_application_aliases') }}

),

overrides as (

    select
        override_id,
        brid,
        persona_id,
        requested_by,
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale
    from {{ ref('stg_decisions__persona_overrides') }}

),

accounts as (

    select
        brid,
        purpose,
        owner_brid,
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale
    from {{ ref('stg_decisions__non_human_accounts') }}

),

decided_exceptions as (

    select
        decision_id,
        brid,
        application_id,
        requested_by,
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale,
        exception_state
    from {{ ref('int_decided_exceptions') }}

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
        waivers.valid_from,
        waivers.valid_to,
        waivers.approved_by,
        waivers.approved_on,
        waivers.rationale,
        cast(null as {{ dbt.type_string() }}) as exception_state_decided
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
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale,
        null as exception_state_decided
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
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale,
        null as exception_state_decided
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
        valid_from,
        valid_to,
        approved_by,
        approved_on,
        rationale,
        exception_state as exception_state_decided
    from decided_exceptions

),

dated as (

    select
        combined.exception_kind,
        combined.exception_id,
        combined.brid,
        combined.application_id,
        combined.persona_id,
        combined.purpose,
        combined.owner_brid,
        combined.requested_by,
        combined.valid_from,
        combined.valid_to,
        combined.approved_by,
        combined.approved_on,
        combined.rationale,
        case
            when combined.exception_state_decided is not null
                then combined.exception_state_decided
            when combined.valid_from > {{ as_of_date() }} then 'not_started'
            when combined.valid_to < {{ as_of_date() }} then 'expired'
            else 'in_force'
        end as exception_state,
        case
            when combined.valid_to >= {{ as_of_date() }}
                then
                    cast(
                        {{ dbt.datediff(as_of_date(), 'combined.valid_to', 'day') }}
                        as {{ dbt.type_int() }}
                    )
        end as n_days_left
    from combined

)

select * from dated
