-- One text a file: a few thousand rows of access of people in order, as members of a JSON object.
with

everybody as (

    select brid from rpt_people
    union distinct
    select brid from access_texts
    union distinct
    select brid from person_sections

),

sized as (

    select
        everybody.brid,
        access_texts.access_text,
        floor((
            sum(coalesce(access_texts.n_rows, 0) + 1) over (
                order by everybody.brid rows unbounded preceding
            ) - 1
        ) / {{ parameter.rows_a_file }}) as file_number
    from everybody
    left join access_texts on everybody.brid = access_texts.brid
    where everybody.brid is not null

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
    where is_in_hr

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
    where as_of_date = (select week.as_of_date from week)
    group by brid

),

sections as (

    select
        brid,
        string_agg(concat(',"', section_name, '":', section), '' order by place) as sections
    from person_sections
    group by brid

)

select
    min(sized.brid) as first_brid,
    string_agg(
        concat(
            to_json(sized.brid),
            ':{"access":[', sized.access_text, ']',
            ',"person":' || people.person,
            ',"personas":' || personas.personas,
            ',"losers":' || personas.losers,
            sections.sections,
            '}'
        ),
        ','
        order by sized.brid
    ) as members
from sized
left join people on sized.brid = people.brid
left join personas on sized.brid = personas.brid
left join sections on sized.brid = sections.brid
group by sized.file_number
order by sized.file_number
