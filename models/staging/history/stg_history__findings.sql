with

source as (

    select * from {{ source('history', 'fct_finding_weeks') }}

),

renamed as (

    select
        as_of_date,
        brid,
        application_id,
        finding_type,
        finding_state,
        suspended_reason,
        suspended_since_date,
        coalesce(n_suspended_days, 0) as n_suspended_days,
        opened_date,
        coalesce(is_older_than_history, false) as is_older_than_history,
        last_seen_date,
        reconciliation_reason,
        disposition,
        waiver_id,
        -- Release 0.1.0 counted missing access from the day of hire. A day before the opening, when
        -- nobody could know, is counted from the opening; what was stored stays as it was written.
        case
            when due_date >= opened_date or due_date is null then due_date
            when finding_type = 'missing'
                then
                    cast(
                        {{ dbt.dateadd('day', var('missing_sla_days'), 'opened_date') }} as date
                    )
            else opened_date
        end as due_date,
        n_times_reopened,
        n_times_waiver_ended,
        is_privileged,
        persona_ids,
        assignment_methods,
        assignment_confidence
    from source

)

select * from renamed
