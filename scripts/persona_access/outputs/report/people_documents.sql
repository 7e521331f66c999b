-- One JSON object for each file of a range: its people, and the applications and verdicts of their
-- access. Access has one list for each column: places in the file's lists of applications and of
-- verdicts, and dates as days since 1970; null means a column without a value. One thread keeps the
-- order of the table within each list.
with

people_of_files as (

    select
        brid,
        person_number,
        file_number
    from people_in_order
    where file_number between {{ parameter.first_file }} and {{ parameter.last_file }}

),

access_texts as (

    select
        person_number,
        concat(
            '[', to_json(list(application_place)),
            ',', to_json(list(verdict_place)),
            ',', to_json(list(status_since_date)),
            ',', to_json(list(granted_date)),
            ',', to_json(list(last_used_date)),
            ',', if(count(last_expected_date) = 0, 'null', to_json(list(last_expected_date))),
            ',', if(count(days_since_end) = 0, 'null', to_json(list(days_since_end))),
            ',', if(count(waiver_id) = 0, 'null', to_json(list(waiver_id))),
            ']'
        ) as access_text
    from access_in_order
    group by person_number

),

people as (

    select
        brid,
        cast(json_array(
            brid,
            full_name,
            work_email,
            employment_state,
            worker_type,
            job_title,
            management_level,
            cost_center,
            cost_center_name,
            department,
            location,
            hire_date,
            termination_date,
            manager_brid,
            manager_name,
            has_no_access,
            has_hr_conflict,
            attributes
        ) as varchar) as person
    from rpt_people
    where is_in_hr and brid in (select people_of_files.brid from people_of_files)

),

personas as (

    select
        brid,
        cast(to_json(list(
            json_array(
                persona_id, assignment_method, source_id, support, confidence, unresolved_reason
            )
            order by
                list_position(
                    ['override', 'persona_list', 'rule', 'pretrained', 'baseline', 'none'],
                    assignment_method
                ),
                persona_id
        )) as varchar) as personas,
        cast(to_json(min(losing_candidates)) as varchar) as losers
    from fct_persona_assignments
    where
        as_of_date = (select week.as_of_date from week)
        and brid in (select people_of_files.brid from people_of_files)
    group by brid

),

sections as (

    select
        brid,
        string_agg(concat(',"', section_name, '":', section), '' order by place) as sections
    from person_sections
    where brid in (select people_of_files.brid from people_of_files)
    group by brid

),

applications as (

    select
        places.file_number,
        to_json(list(numbers.application_id order by places.application_place)) as application_ids
    from applications_of_files as places
    inner join application_numbers as numbers on places.application_number = numbers._number
    where places.file_number between {{ parameter.first_file }} and {{ parameter.last_file }}
    group by places.file_number

),

verdicts_listed as (

    select
        places.file_number,
        to_json(list(
            json_array(
                verdicts.reconciliation_status,
                verdicts.reconciliation_reason,
                verdicts.orphan_detail,
                verdicts.disposition,
                verdicts.requirement,
                verdicts.persona_ids,
                verdicts.is_privileged
            )
            order by places.verdict_place
        )) as verdicts
    from verdicts_of_files as places
    inner join verdicts on places.verdict = verdicts.verdict
    where places.file_number between {{ parameter.first_file }} and {{ parameter.last_file }}
    group by places.file_number

),

members as (

    select
        people_of_files.file_number,
        string_agg(
            concat(
                to_json(people_of_files.brid),
                ':{"access":', coalesce(access_texts.access_text, '[[],[]]'),
                ',"person":' || people.person,
                ',"personas":' || personas.personas,
                ',"losers":' || personas.losers,
                sections.sections,
                '}'
            ),
            ','
            order by people_of_files.brid
        ) as people
    from people_of_files
    left join access_texts on people_of_files.person_number = access_texts.person_number
    left join people on people_of_files.brid = people.brid
    left join personas on people_of_files.brid = personas.brid
    left join sections on people_of_files.brid = sections.brid
    group by people_of_files.file_number

)

select
    members.file_number,
    concat(
        '{"applications":', coalesce(applications.application_ids, '[]'),
        ',"verdicts":', coalesce(verdicts_listed.verdicts, '[]'),
        ',"people":{', members.people, '}}'
    ) as document
from members
left join applications on members.file_number = applications.file_number
left join verdicts_listed on members.file_number = verdicts_listed.file_number
order by members.file_number
