-- The findings whose cause the invented bank knows, and that cause as `fct_finding_causes` has it.
with

planted as (

    select
        as_of_date,
        brid,
        application_id,
        case_name,
        reason,
        orphan_detail,
        min(as_of_date) over (partition by brid, application_id, reason) as first_date
    from truth
    where kind = 'pair' and status in ('missing', 'excess')

),

caused as (

    select
        as_of_date,
        brid,
        application_id,
        case
            when reason = 'leaver' or orphan_detail = 'left_hr_file'
                then 'offboarding_incomplete:' || brid
            when reason = 'early_access' then 'access_before_start:' || brid
            -- In the week in which a rule moved somebody, the rule explains more than the person.
            when case_name = 'two_versions_of_a_rule' and as_of_date = first_date
                then 'rule_moved_people:R-LEG-8030 v2:' || as_of_date
            when reason = 'former_persona' then 'move_incomplete:' || brid
            when case_name = 'unresolved_spelling_pair' then 'spelling:collateral-hub:coll_hub_v2'
        end as cause_id
    from planted

)

select * from caused
where cause_id is not null
order by as_of_date, cause_id, brid, application_id
