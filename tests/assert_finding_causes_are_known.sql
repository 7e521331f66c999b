{{ config(severity='warn') }}

with

finding_changes as (

    select
        brid,
        application_id,
        finding_type,
        finding_change
    from {{ ref('fct_finding_changes') }}
    where as_of_date = {{ as_of_date() }} and change_cause = 'other'

)

select * from finding_changes
