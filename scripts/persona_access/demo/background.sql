-- The background of the demo bank, computed in sets: employees, their events, their access, and
-- the truth.
--
-- Random choices come from MD5 of the seed and a key, so the result depends on neither threads nor
-- the DuckDB version. Every employee has at most one event, which keeps the truth simple.

create macro as_of(week) as getvariable('first_week') + 7 * week::int;

create macro draw(purpose, id) as
(md5_number_lower(concat_ws('|', getvariable('seed'), purpose, id)) % 2147483647)::bigint;

-- Five million pairs are too many for MD5: squaring modulo a prime mixes well enough.
create macro square_mod(number) as (number * number + 12345) % 2147483647;
create macro pair_draw(brid, application_no) as
square_mod(square_mod(
    (brid * 48271 + application_no * 16807 * 7919 + getvariable('seed') % 1000003) % 2147483647
));

-- Weeks until IAM grants expected access: mostly none, at most three.
create macro delay_weeks(pair_number) as
case
    when pair_number % 100 < 60 then 0
    when pair_number % 100 < 85 then 1
    when pair_number % 100 < 95 then 2
    else 3
end;

create table slots as
select
    row_number() over (order by cell_id, copy) - 1 as slot,
    cell_id
from (select
    cell_id,
    unnest(range(weight)) as copy
from cells);

create table mover_slots as
select
    row_number() over (order by slot) - 1 as slot,
    cell_id
from slots
inner join cells using (cell_id)
where persona_id is not null and n_listed < 1000;

create table employees as
with drawn as (
    select
        100000 + number as brid,
        draw('cell', number) % (select count(*) from slots) as slot,
        draw('new cell', number) % (select count(*) from mover_slots) as new_slot,
        draw('event', number) % 1000 as event_draw,
        1 + draw('event week', number) % getvariable('horizon') as event_week,
        draw('source', number) % 1000 as source_draw,
        draw('added persona', number) as added_draw,
        draw('person', number) as person_draw
    from range(1, getvariable('n_employees') + 1) as numbers (number)
),

placed as (
    select
        drawn.*,
        home.cell_id,
        goal.cell_id as new_cell_id,
        source_draw
        >= 1000 * getvariable('n_core_personas') / getvariable('n_personas') as is_added
    from drawn
    inner join slots as home on drawn.slot = home.slot
    inner join mover_slots as goal on drawn.new_slot = goal.slot
),

sourced as (
    select
        placed.*,
        case
            when is_added
                then 'demo-persona-' || lpad((
                    getvariable('n_core_personas') + 1
                    + added_draw % (getvariable('n_personas') - getvariable('n_core_personas'))
                )::varchar, 4, '0')
            when is_mixed and source_draw < n_listed
                -- In rotation, so that no level of the office seems to determine the persona.
                then getvariable('mixed_personas')[
                    1 + row_number() over (
                        partition by cell_id, source_draw < n_listed order by brid
                    ) % 3
                ]
            else cells.persona_id
        end as persona_id,
        is_added
        or ((is_mixed or cells.persona_id is not null) and source_draw < n_listed) as is_listed,
        case
            when source_draw < least(10, n_listed) and cells.persona_id is not null and not is_added
                then getvariable('second_personas')[1 + person_draw % 2]
        end as second_persona_id
    from placed
    inner join cells using (cell_id)
)

select
    brid,
    cell_id,
    new_cell_id,
    event_week,
    person_draw,
    persona_id,
    is_listed,
    nullif(second_persona_id, persona_id) as second_persona_id,
    case
        when event_draw < 30 then 'joiner'
        when event_draw < 60 then 'leaver'
        -- Movers have worked here for a quarter: learned mappings assure less for newcomers.
        when
            event_draw < 90
            and person_draw % 4000 >= 60
            and persona_id is not null
            and not is_listed
            then 'mover'
        when event_draw between 90 and 104 then 'lost'
        when event_draw between 105 and 114 then 'never granted'
        when event_draw between 115 and 124 and persona_id is not null then 'never expected'
        else 'stable'
    end as event,
    -- Three of four leavers lose their access in time.
    case when person_draw // 7 % 4 = 0 then 1 + person_draw // 11 % 3 else 0 end as kept_weeks,
    case
        when event_draw < 30 then as_of(event_week) - (person_draw % 7)::int
        else getvariable('first_week') - (30 + person_draw % 4000)::int
    end as hire_date,
    as_of(event_week) - (person_draw % 7)::int as event_date
from sourced;

-- Who holds which persona; a mover's phases are before and after the event week.
create table assignments as
select
    brid,
    false as is_after,
    persona_id
from employees
where persona_id is not null
union all
select
    brid,
    false,
    second_persona_id
from employees
where second_persona_id is not null
union all
select
    brid,
    false,
    getvariable('baseline')
from employees
union all
select
    employees.brid,
    true,
    cells.persona_id
from employees
inner join cells on employees.new_cell_id = cells.cell_id
where event = 'mover'
union all
select
    brid,
    true,
    getvariable('baseline')
from employees
where event = 'mover';

-- Access that each person should hold in each phase; a fixed two in five hold an optional
-- application.
create table due_pairs as
select
    brid,
    is_after,
    application_no,
    bool_or(requirement = 'mandatory') as is_mandatory
from assignments
inner join requirements using (persona_id)
group by brid, is_after, application_no
having
    not bool_or(requirement = 'prohibited')
    and (bool_or(requirement = 'mandatory') or pair_draw(brid, application_no) % 100 < 40);

-- Access beyond the persona, and its expected classification.
create table odd_pairs as
with habits as (
    select
        brid,
        unnest(getvariable('habits')[1 + person_draw % 3:2 + person_draw % 3]) as application_id,
        'unassessed' as status,
        unresolved_reason as reason,
        'background_' || unresolved_reason as case_name
    from employees
    inner join cells using (cell_id)
    where employees.persona_id is null
),

unmodelled as (
    select
        brid,
        case when person_draw % 5 = 0 then 'legacy-crm' else 'parking-portal' end as application_id,
        'unassessed' as status,
        'application_not_modelled' as reason,
        'background_not_modelled' as case_name
    from employees
    where persona_id is not null and person_draw // 13 % 100 < 3
),

candidates as (
    select
        brid,
        unnest(getvariable('habits')) as application_id
    from employees
    where event = 'never expected'
),

never_expected as (
    select
        candidates.brid,
        min(candidates.application_id) as application_id,
        'excess' as status,
        'never_expected' as reason,
        'background_never_expected' as case_name
    from candidates
    inner join applications using (application_id)
    anti join (select * from assignments inner join requirements using (persona_id)) as due
        on candidates.brid = due.brid and applications.application_no = due.application_no
    group by candidates.brid
)

select
    brid,
    application_no,
    status,
    reason,
    case_name
from (
    from habits
    union all
    from unmodelled
    union all
    from never_expected
)
inner join applications using (application_id);

-- The one application that a person lost, or never got.
create table chosen_pairs as
select
    brid,
    arg_min(application_no, (pair_draw(brid, application_no), application_no)) as application_no
from due_pairs
inner join employees using (brid)
where event in ('lost', 'never granted') and is_mandatory
group by brid;

-- Everybody but movers, so without a change of persona: the weeks in which each pair is held.
create table settled_pairs as
select
    pairs.*,
    event,
    event_week,
    kept_weeks,
    hire_date,
    pair_draw(pairs.brid, pairs.application_no) as pair_number,
    chosen_pairs.brid is not null as is_chosen,
    case
        when event = 'joiner'
            then event_week + delay_weeks(pair_draw(pairs.brid, pairs.application_no))
        else 0
    end as from_week,
    case
        when event = 'leaver' then event_week - 1 + kept_weeks
        when event = 'lost' and is_chosen then event_week - 1
        when event = 'never granted' and is_chosen then -1
        else 999
    end as to_week
from (
    select
        brid,
        application_no,
        is_mandatory,
        null as status,
        null as reason,
        null as case_name
    from due_pairs
    inner join employees using (brid)
    where event <> 'mover'
    union all
    select
        brid,
        application_no,
        false,
        status,
        reason,
        case_name
    from odd_pairs
) as pairs
inner join employees using (brid)
left join chosen_pairs using (brid, application_no);

-- Movers keep access that only the old persona needs for a while, and get access that only the new
-- one needs late. Access that the new persona prohibits ends at once; access that it allows as
-- optional stays.
create table moved_pairs as
with new_requirements as (
    select
        brid,
        application_no,
        requirement
    from assignments
    inner join requirements using (persona_id)
    where is_after
)

select
    brid,
    application_no,
    event_week,
    hire_date,
    pair_draw(brid, application_no) as pair_number,
    old_pairs.brid is null as is_new,
    old_pairs.brid is not null and coalesce(requirement, 'prohibited') = 'prohibited' as is_old,
    coalesce(requirement = 'mandatory', false) as is_mandatory,
    case when is_new then event_week + delay_weeks(pair_number) else 0 end as from_week,
    case
        when is_old and requirement is null then event_week - 1 + pair_number % 4
        when is_old then event_week - 1
        else 999
    end as to_week
from (
    from due_pairs
    where not is_after
) as old_pairs
full join (
    from due_pairs
    where is_after
) as new_pairs
    using (brid, application_no)
left join new_requirements using (brid, application_no)
inner join employees using (brid)
where event = 'mover';

create table grants as
with spans as (
    select
        brid,
        application_no,
        pair_number,
        event_week,
        hire_date,
        from_week,
        to_week
    from settled_pairs
    union all
    -- Lost access comes back after one or two weeks.
    select
        brid,
        application_no,
        pair_number,
        event_week,
        hire_date,
        event_week + 1 + pair_number % 2,
        999
    from settled_pairs
    where event = 'lost' and is_chosen
    union all
    select
        brid,
        application_no,
        pair_number,
        event_week,
        hire_date,
        from_week,
        to_week
    from moved_pairs
)

select
    brid,
    application_no,
    -- Every 25th pair has a second, privileged account.
    unnest(case when pair_number % 25 = 0 then [false, true] else [false] end) as is_privileged,
    pair_number,
    from_week,
    to_week,
    case
        when from_week = 0 then hire_date + (pair_number % 20)::int
        else greatest(hire_date, as_of(from_week) - (pair_number % 5)::int)
    end as granted_date
from spans
where from_week <= to_week
order by application_no, brid, is_privileged, from_week;

-- The truth about the background: one row per episode. The week of an episode decides its
-- disposition, see weekly_findings in generate.py.
create table background_findings as
select
    case_name,
    brid,
    application_no,
    status,
    reason,
    from_week,
    case when event = 'leaver' then event_week - 1 else to_week end as to_week
from settled_pairs
where status is not null
union all
select
    'background_leaver',
    brid,
    application_no,
    'excess',
    'leaver',
    event_week,
    to_week
from settled_pairs
where event = 'leaver'
union all
select
    'background_joiner',
    brid,
    application_no,
    'missing',
    'never_granted',
    event_week,
    from_week - 1
from settled_pairs
where event = 'joiner' and is_mandatory
union all
select
    'background_lost',
    brid,
    application_no,
    'missing',
    'lost_since_last_week',
    event_week,
    event_week + pair_number % 2
from settled_pairs
where event = 'lost' and is_chosen
union all
select
    'background_never_granted',
    brid,
    application_no,
    'missing',
    'never_granted',
    0,
    999
from settled_pairs
where event = 'never granted' and is_chosen
union all
select
    'background_mover',
    brid,
    application_no,
    'excess',
    'former_persona',
    event_week,
    to_week
from moved_pairs
where is_old
union all
select
    'background_mover',
    brid,
    application_no,
    'missing',
    'never_granted',
    event_week,
    from_week - 1
from moved_pairs
where is_new and is_mandatory;

-- The headcount of the background: one row per unchanged stretch of weeks.
create table background_hr as
with stretches as (
    select
        brid,
        cell_id,
        'active' as stretch,
        0 as first_week,
        999 as last_week
    from employees
    where event not in ('joiner', 'leaver', 'mover')
    union all
    -- Two in five joiners are announced the week before.
    select
        brid,
        cell_id,
        'future',
        event_week - 1,
        event_week - 1
    from employees
    where event = 'joiner' and person_draw % 5 < 2
    union all
    select
        brid,
        cell_id,
        'active',
        event_week,
        999
    from employees
    where event = 'joiner'
    union all
    select
        brid,
        cell_id,
        'active',
        0,
        event_week - 1
    from employees
    where event in ('leaver', 'mover')
    union all
    -- HR delivers a leaver for four more weeks.
    select
        brid,
        cell_id,
        'terminated',
        event_week,
        event_week + 3
    from employees
    where event = 'leaver'
    union all
    select
        brid,
        new_cell_id,
        'active',
        event_week,
        999
    from employees
    where event = 'mover'
),

leads as (
    select
        cost_center,
        list(brid order by brid) as brids
    from employees
    inner join cells using (cell_id)
    where event = 'stable' and management_level in ('L5', 'L6')
    group by cost_center
)

select
    first_week,
    last_week,
    brid::varchar as brid,
    'Invented Person ' || brid as full_name,
    'person.' || brid || '@example.invalid' as work_email,
    case
        when stretch = 'active' and person_draw // 17 % 50 = 0 then 'on leave'
        else stretch
    end as employment_status,
    case when person_draw // 19 % 8 = 0 then 'contractor' else 'employee' end as worker_type,
    management_level,
    cost_center,
    cost_center_name,
    department,
    getvariable('titles')[management_level[2:2]::int] || ', ' || cost_center_name as job_title,
    coalesce(
        nullif(leads.brids[1 + person_draw // 23 % len(leads.brids)], brid)::varchar,
        getvariable('head_brid')
    ) as manager_brid,
    getvariable('locations')[1 + person_draw // 29 % 3] as location,
    hire_date::varchar as hire_date,
    case when stretch = 'terminated' then event_date end::varchar as termination_date
from stretches
inner join employees using (brid)
inner join cells on stretches.cell_id = cells.cell_id
left join leads using (cost_center);
