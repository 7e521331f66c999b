-- One text for each file of a range: some thousand rows of access, ordered by person, as members of
-- a JSON object. Access has one list for each column: numbers of applications, numbers of verdicts,
-- and dates as days since 1970; null means a column without a value. One thread keeps the order of
-- the table within each list.
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
            '[', to_json(list(application_number)),
            ',', to_json(list(verdict)),
            ',', to_json(list(status_since_date)),
            ',', to_json(list(granted_date)),
            ',', to_json(list(last_used_date)),
            ',', if(count(last_expected_date) = 0, 'null', to_json(list(last_expected_date))),
            ',', if(count(days_since_end) = 0, 'null', to_json(list(days_since_end))),
            ',', if(count(waiver_id) = 0, 'null', to_json(list(waiver_id))),
            ']'
        ) as access_text
    from access_in_order
    where file_number between {{ parameter.first_file }} and {{ parameter.last_file }}
    group by person_number

),

people as (

    select
        brid,
        cast(to_json([
            to_json(brid),
            to_json(full_name),
            to_json(work_email),
            to_json(employment_state),
            to_json(worker_type),
            to_json(job_title),
            to_json(management_level),
            to_json(cost_center),
            to_json(cost_center_name),
            to_json(department),
            to_json(location),
            to_json(hire_date),
            to_json(termination_date),
            to_json(manager_brid),
            to_json(manager_name),
            to_json(has_no_access),
            to_json(has_hr_conflict),
            to_json(attributes)
        ]) as varchar) as person
    from rpt_people
    where is_in_hr and brid in (select people_of_files.brid from people_of_files)

),

personas as (

    select
        brid,
        cast(to_json(list(
            [
                to_json(persona_id), to_json(assignment_method), to_json(source_id),
                to_json(support), to_json(confidence), to_json(unresolved_reason)
            ]
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

)

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
    ) as members
from people_of_files
left join access_texts on people_of_files.person_number = access_texts.person_number
left join people on people_of_files.brid = people.brid
left join personas on people_of_files.brid = personas.brid
left join sections on people_of_files.brid = sections.brid
group by people_of_files.file_number
order by people_of_files.file_number
