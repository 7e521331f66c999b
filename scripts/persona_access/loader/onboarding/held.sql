-- For each level and cost center, the persona whose applications its people hold, if one fits
-- clearly better than all others.
with

people as (

    select distinct
        {{ part.brid_key }} as brid,
        trim(management_level) as management_level,
        trim(cost_center) as cost_center
    from {{ part.headcount }}
    where
        brid is not null
        and nullif(trim(cost_center), '') is not null
        and coalesce(employment_status, '') not in ('terminated', 'future')

),

grants as (

    select distinct
        {{ part.brid_key }} as brid,
        lower(trim(application_id)) as application_id
    from {{ part.registry }}
    where brid is not null and application_id is not null

),

common as (

    -- An application that half of all people hold distinguishes nobody.
    select grants.application_id
    from grants
    inner join people as everybody on grants.brid = everybody.brid
    group by grants.application_id
    having count(*) * 2 > (select count(*) from people)

),

held as (

    select
        people.brid,
        grants.application_id
    from people
    inner join grants on people.brid = grants.brid
    left join common on grants.application_id = common.application_id
    where common.application_id is null

),

sums as (

    select
        brid,
        count(*) as n_held
    from held
    group by brid

),

requirements as (

    select distinct
        trim(persona_id) as persona_id,
        lower(trim(application_id)) as application_id,
        coalesce(nullif(trim(requirement), ''), 'mandatory') as requirement
    from {{ part.persona_list }}
    where persona_id is not null and application_id is not null

),

wanted as (

    select
        requirements.persona_id,
        requirements.application_id,
        requirements.requirement
    from requirements
    left join common on requirements.application_id = common.application_id
    where common.application_id is null and requirements.requirement <> 'prohibited'

),

personas as (

    select
        persona_id,
        count(*) as n_mandatory
    from wanted
    where requirement = 'mandatory'
    group by persona_id

),

fits as (

    -- For each person and persona with an application in common: the share of the persona's
    -- applications that is held, and the share of held applications that it lists.
    select
        held.brid,
        personas.persona_id,
        count(*) filter (where wanted.requirement = 'mandatory')
        / any_value(personas.n_mandatory) as coverage,
        count(*) / any_value(sums.n_held) as explained
    from held
    inner join wanted on held.application_id = wanted.application_id
    inner join personas on wanted.persona_id = personas.persona_id
    inner join sums on held.brid = sums.brid
    group by held.brid, personas.persona_id

),

cells as (

    -- A cost center as a whole, and each level of it.
    select
        brid,
        cost_center,
        unnest(list_distinct(['*', management_level])) as management_level
    from people

),

sizes as (

    select
        cost_center,
        management_level,
        count(*) as n_people
    from cells
    where management_level is not null
    group by cost_center, management_level

),

rated as (

    select
        cells.cost_center,
        cells.management_level,
        fits.persona_id,
        sizes.n_people,
        count(*) filter (where fits.coverage >= 0.8) as n_holding,
        sum(2 * fits.coverage * fits.explained / nullif(fits.coverage + fits.explained, 0))
        / sizes.n_people as fit
    from cells
    inner join fits on cells.brid = fits.brid
    inner join sizes
        on
            cells.cost_center = sizes.cost_center
            and cells.management_level = sizes.management_level
    group by cells.cost_center, cells.management_level, fits.persona_id, sizes.n_people

),

ranked as (

    select
        *,
        row_number() over cell as place,
        fit - coalesce(lead(fit) over cell, 0) as margin
    from rated
    window cell as (
        partition by cost_center, management_level order by fit desc, persona_id
    )

),

clear as (

    select
        *,
        fit >= {{ parameter.min_fit }}
        and margin >= {{ parameter.min_margin }}
        and n_holding * 2 >= n_people as is_clear
    from ranked
    where place = 1

),

chosen as (

    -- One rule per cost center, unless one of its levels, even of one person, has another persona.
    select
        cells.*,
        coalesce(whole.is_clear, false)
        and not bool_or(
            cells.is_clear and cells.persona_id is distinct from whole.persona_id
        ) over (partition by cells.cost_center) as is_of_whole
    from clear as cells
    left join clear as whole
        on cells.cost_center = whole.cost_center and whole.management_level = '*'

)

select
    management_level,
    cost_center,
    persona_id,
    n_people,
    n_holding,
    round(fit, 2) as fit
from chosen
where
    is_clear
    and n_people >= {{ parameter.min_people }}
    and is_of_whole = (management_level = '*')
order by cost_center, management_level
