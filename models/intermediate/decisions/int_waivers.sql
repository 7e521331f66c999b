with

waivers as (

    select
        waiver_id,
        brid,
        application_spelling,
        valid_to
    from {{ ref('stg_decisions__waivers') }}
    where is_in_force

),

aliases as (

    select * from {{ ref('int_application_aliases') }}

),

decided_exceptions as (

    select
        decision_id as waiver_id,
        brid,
        application_id,
        waived_reason,
        valid_from,
        valid_to
    from {{ ref('int_decided_exceptions') }}
    where exception_state = 'in_force'

),

applications_resolved as (

    select
        waivers.waiver_id,
        waivers.brid,
        coalesce(aliases.application_id, waivers.application_spelling) as application_id,
        cast(null as {{ dbt.type_string() }}) as waived_reason,
        cast(null as date) as valid_from,
        waivers.valid_to
    from waivers
    left join aliases on waivers.application_spelling = aliases.application_spelling

    union all

    select
        waiver_id,
        brid,
        application_id,
        waived_reason,
        valid_from,
        valid_to
    from decided_exceptions

),

ranked as (

    -- A waiver of the seed covers any finding of the pair; of two exceptions, the newer decision
    -- counts.
    select
        *,
        row_number() over (
            partition by brid, application_id
            order by
                case when valid_from is null then 0 else 1 end,
                valid_from desc,
                valid_to desc nulls last,
                waiver_id
        ) as waiver_rank
    from applications_resolved

),

lasting_waivers as (

    select
        brid,
        application_id,
        waiver_id,
        waived_reason,
        valid_to
    from ranked
    where waiver_rank = 1

)

select * from lasting_waivers
