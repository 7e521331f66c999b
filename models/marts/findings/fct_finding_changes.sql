{% set previous_date = previous_as_of_date(ref('int_employee_weeks')) %}

with

compared as (

    select * from {{ ref('int_findings_compared') }}

),

explained as (

    -- First match wins: the change nearest to the access itself comes first.
    select
        {{ as_of_date() }} as as_of_date,
        brid,
        application_id,
        finding_type,
        finding_change,
        opened_date,
        case
            when {{ previous_date }} is null then 'history_began'
            when is_retired then 'application_retired'
            when is_grant_changed and is_moved then 'alias_changed'
            when is_grant_changed and not is_reported then 'application_silent'
            when is_grant_changed then 'grant_changed'
            when is_registration_changed then 'non_human_register_changed'
            when is_employment_changed then 'hr_changed'
            when is_persona_changed and is_profile_changed then 'hr_changed'
            when is_persona_changed then 'persona_changed'
            when is_requirement_changed then 'persona_list_changed'
            when is_application_changed then 'application_changed'
            else 'other'
        end as change_cause
    from compared

)

select * from explained
