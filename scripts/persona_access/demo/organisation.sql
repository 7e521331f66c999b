-- The organisation at the requested size: the core, on which rules and fixtures rely, and the
-- additions of a larger bank. Added personas have no rules: the persona list names their members.

create table cells as
from core_cells;

create table applications as
select
    application_no,
    application_id,
    application_name
from core_applications
union all
select
    number,
    'demo-app-' || lpad(number::varchar, 4, '0'),
    'Demo app ' || lpad(number::varchar, 4, '0') || ' (demo)'
from
    range(getvariable('n_core_applications') + 1, getvariable('n_applications') + 1)
        as numbers (number);

set variable application_ids = (
    select list(application_id order by application_no) from applications
);
set variable application_names = (
    select list(application_name order by application_no) from applications
);
set variable aliased_application_no = (
    select application_no from applications
    where application_id = 'trade-capture'
);

create table personas as
select
    persona_id,
    persona_name,
    business_unit,
    0 as persona_no
from core_personas
union all
select
    'demo-persona-' || lpad(number::varchar, 4, '0'),
    'Demo persona ' || lpad(number::varchar, 4, '0') || ' (demo)',
    'added',
    number
from range(getvariable('n_core_personas') + 1, getvariable('n_personas') + 1) as numbers (number);

create table requirements as
select
    line,
    persona_id,
    application_no,
    requirement
from core_requirements
inner join core_applications using (application_id)
union all
-- Each added persona holds a range of added applications, so neighbours overlap.
select
    1000000 + persona_no * 10000 + step,
    persona_id,
    getvariable('n_core_applications') + 1
    + (persona_no * 37 + step)
    % (getvariable('n_applications') - getvariable('n_core_applications')),
    'mandatory'
from personas
cross join range(getvariable('applications_per_persona')) as steps (step)
where persona_no > 0;
