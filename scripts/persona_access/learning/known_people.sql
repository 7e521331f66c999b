-- Known people: persona members joined to the headcount of their week, one row per person and set
-- of attribute values, spelled as in spellings.sql.
with ledger as (
    -- The newest version of each date and source.
    select
        feed,
        extract_date::date as extract_date,
        max(version::bigint) as version
    from
        read_json(
            {{ parameter.ledger }},
            columns = {{ part.ledger_columns }}
        )
    where load_status = 'loaded'
    group by feed, extract_date, coalesce(nullif(source, ''), feed)
),

headcount as (
    select
        normalised_brid(people.brid) as brid,
        people.extract_date::date as extract_date,
        lower(cleaned(people.management_level)) as management_level,
        lower(cleaned(people.cost_center)) as cost_center,
        compared(people.department) as department,
        compared(people.job_title) as job_title,
        lower(cleaned(people.worker_type)) as worker_type,
        normalised_brid(people.manager_brid) as manager_brid,
        lower(people.attributes) as attributes,
        lower(cleaned(people.employment_status)) as employment_status,
        try_cast(left(cleaned(people.hire_date), 10) as date) as hire_date,
        try_cast(left(cleaned(people.termination_date), 10) as date) as termination_date
    from {{ part.headcount }} as people
    inner join ledger
        on
            ledger.feed = 'hr_headcount'
            and people.extract_date::date = ledger.extract_date
            and people.version = ledger.version
    where people.extract_date::date <= {{ parameter.until }}
),

employed as (
    select *
    from headcount
    where
        brid is not null
        and coalesce(termination_date > extract_date, true)
        and not (termination_date is null and employment_status is not distinct from 'terminated')
    qualify row_number() over (
        partition by brid, extract_date
        order by hire_date desc nulls last, management_level nulls last, cost_center nulls last
    ) = 1
),

members as (
    select
        normalised_brid(list.brid) as brid,
        list.extract_date::date as extract_date,
        list_sort(list_distinct(list(cleaned(list.persona_id)))) as personas
    from {{ part.members }} as list
    inner join ledger
        on
            ledger.feed = 'persona_members'
            and list.extract_date::date = ledger.extract_date
            and list.version = ledger.version
    where
        cleaned(list.persona_id) is not null
        and coalesce(
            try_cast(left(cleaned(list.valid_from), 10) as date) <= list.extract_date::date, true
        )
        and coalesce(
            try_cast(left(cleaned(list.valid_to), 10) as date) >= list.extract_date::date, true
        )
    group by all
),

weeks as (
    -- The feeds of one week can have different dates; the headcount closest in time counts.
    select
        members_dates.extract_date as members_date,
        headcount_dates.extract_date
    from (select distinct extract_date from members) as members_dates
    inner join (select distinct extract_date from employed) as headcount_dates
        on abs(date_diff('day', members_dates.extract_date, headcount_dates.extract_date)) < 7
    where members_dates.extract_date <= {{ parameter.until }}
    qualify row_number() over (
        partition by members_dates.extract_date
        order by
            abs(date_diff('day', members_dates.extract_date, headcount_dates.extract_date)),
            headcount_dates.extract_date desc
    ) = 1
),

newest_headcount as (
    select
        *,
        min(extract_date) over (partition by brid) as first_seen_date
    from employed
    qualify extract_date = max(extract_date) over ()
),

known_people as (
    select
        employed.*,
        members.personas
    from weeks
    inner join members on weeks.members_date = members.extract_date
    inner join employed
        on weeks.extract_date = employed.extract_date and members.brid = employed.brid
)

select
    brid,
    management_level,
    cost_center,
    department,
    job_title,
    worker_type,
    manager_brid,
    arg_max(personas, extract_date) as personas,
    max(hire_date) as hire_date,
    min(extract_date) as first_date,
    max(extract_date) as last_date,
    attributes
from known_people
group by all

union all

-- The people for whom the mappings will be used, as far as is known today.
select
    brid,
    management_level,
    cost_center,
    department,
    job_title,
    worker_type,
    manager_brid,
    null as personas,
    hire_date,
    first_seen_date as first_date,
    extract_date as last_date,
    attributes
from newest_headcount
order by all
