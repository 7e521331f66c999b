{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

applications as (

    select application_id from {{ ref('int_applications') }}
    where is_in_iam

),

applications_moved as (

    select application_id from {{ ref('int_applications_moved') }}

),

fresh_extracts as (

    select feed from {{ ref('int_current_extracts') }}
    where
        feed = 'iam_app_registry'
        and ({{ previous_date }} is null or extract_date > {{ previous_date }})
    group by 1

),

reported as (

    select application_id from applications

    union

    -- If the grants of an application have another name from this week on, they are known to be
    -- gone from this name.
    select application_id from applications_moved

),

reported_afresh as (

    select reported.application_id
    from reported
    cross join fresh_extracts

)

select * from reported_afresh
