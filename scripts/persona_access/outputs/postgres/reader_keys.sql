insert into {{ part.keys }}
with recursive

logins (login, brid, valid_from, valid_to) as (

    select * from unnest(
        {{ part.logins }}::text[],
        {{ part.brids }}::text[],
        {{ part.first_days }}::date[],
        {{ part.last_days }}::date[]
    )

),

-- People who no longer work here, or are unknown to HR, can read nothing.
readers as (

    select logins.*
    from logins
    inner join {{ part.dim_employees }} as employees on logins.brid = employees.brid
    where employees.is_employed

),

-- `union`, so that people who report to each other in a circle come to an end.
below as (

    select
        readers.login,
        employees.brid
    from readers
    inner join {{ part.dim_employees }} as employees on readers.brid = employees.manager_brid

    union

    select
        below.login,
        employees.brid
    from below
    inner join {{ part.dim_employees }} as employees on below.brid = employees.manager_brid

),

keys (login, rule, key) as (

    select
        below.login,
        rule.rule,
        below.brid
    from below
    inner join readers on below.login = readers.login
    cross join (values ('reports'), ('teams')) as rule (rule)
    where below.brid <> readers.brid

    union all

    select
        login,
        'teams',
        brid
    from readers

    union all

    select
        readers.login,
        'applications',
        applications.application_id
    from readers
    inner join {{ part.dim_applications }} as applications on readers.brid = applications.owner_brid

    union all

    select
        readers.login,
        'personas',
        personas.persona_id
    from readers
    inner join {{ part.dim_personas }} as personas on readers.brid = personas.owner_brid

)

select
    keys.login,
    keys.rule,
    keys.key,
    readers.valid_from,
    readers.valid_to
from keys
inner join readers on keys.login = readers.login
