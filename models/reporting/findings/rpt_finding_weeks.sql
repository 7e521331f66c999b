with

findings as (

    select
        as_of_date,
        brid,
        application_id,
        finding_type,
        reconciliation_reason,
        finding_state,
        suspended_reason,
        disposition,
        due_date,
        is_overdue,
        opened_date,
        is_privileged,
        reviewer_brid
    from {{ ref('fct_finding_weeks') }}

),

weeks_in_detail as (

    select *
    from findings
    where
        as_of_date <= {{ as_of_date() }}
        and as_of_date > cast(
            {{ dbt.dateadd('week', -var('weeks_in_detail'), as_of_date()) }} as date
        )

),

standing as (

    select * from weeks_in_detail
    where finding_state <> 'closed'

)

select * from standing
