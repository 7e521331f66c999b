"""Rights on the served schema: what the marts declare is there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import psycopg
from psycopg import sql

from persona_access.base.errors import PersonaAccessError
from persona_access.outputs.postgres.logins import Login
from persona_access.outputs.postgres.structure import READER_KEYS, Served

# Readers who could become a role that row-level security does not bind, by `set role` or by making
# themselves a member: up to PostgreSQL 15 CREATEROLE may give any role to anybody.
_UNBOUND = """
select distinct reader.rolname
from pg_roles as reader
join pg_roles as other on pg_has_role(reader.oid, other.oid, 'member')
where not reader.rolsuper
    and reader.oid <> current_user::regrole
    and (
        other.rolsuper or other.rolbypassrls or other.rolcreaterole or other.rolreplication
        or other.oid = current_user::regrole
        or other.rolname in (
            'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'
        )
    )
    and exists (
        select from unnest(%(roles)s::text[]) as served (role)
        where pg_has_role(reader.oid, served.role, 'member')
    )
order by 1
"""
_STRANGERS = """
select coalesce(relname, proname)
from pg_namespace
left join pg_class on relnamespace = pg_namespace.oid and relkind not in ('i', 't')
    and (relkind <> 'r' or relowner <> current_user::regrole)
left join pg_proc on pronamespace = pg_namespace.oid
where nspname = %s and coalesce(relname, proname) is not null
order by 1
"""
_TABLE_GRANTEES = """
select distinct grantee::regrole::text
from pg_class, aclexplode(relacl)
where pg_class.oid = %(table)s::regclass and grantee <> relowner
union
select distinct grantee::regrole::text
from pg_attribute, aclexplode(attacl)
where attrelid = %(table)s::regclass and grantee <> current_user::regrole
"""
_SCHEMA_GRANTEES = """
select distinct grantee::regrole::text
from pg_namespace, aclexplode(nspacl)
where nspname = %s and grantee <> nspowner
"""
_KEYS = """
insert into {keys}
with recursive

logins (login, brid, valid_from, valid_to) as (

    select * from unnest(%s::text[], %s::text[], %s::date[], %s::date[])

),

-- Whoever does not work here any more, or is unknown to HR, reads nothing.
readers as (

    select logins.*
    from logins
    join {dim_employees} as employees on logins.brid = employees.brid
    where employees.is_employed

),

-- `union`, so that people who report to each other in a circle come to an end.
below as (

    select
        readers.login,
        employees.brid
    from readers
    join {dim_employees} as employees on readers.brid = employees.manager_brid

    union

    select
        below.login,
        employees.brid
    from below
    join {dim_employees} as employees on below.brid = employees.manager_brid

),

keys (login, rule, key) as (

    select
        below.login,
        rule.rule,
        below.brid
    from below
    join readers on below.login = readers.login
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
    join {dim_applications} as applications on readers.brid = applications.owner_brid

    union all

    select
        readers.login,
        'personas',
        personas.persona_id
    from readers
    join {dim_personas} as personas on readers.brid = personas.owner_brid

)

select
    keys.login,
    keys.rule,
    keys.key,
    readers.valid_from,
    readers.valid_to
from keys
join readers on keys.login = readers.login
"""


# Whose approval does not count today, and logins that are no person's.
_UNSOUND = """
with recursive

logins as (

    select * from unnest(%s::text[], %s::text[], %s::text[]) as login (login, brid, approved_by)

),

below as (

    select
        logins.brid as manager_brid,
        employees.brid
    from logins
    join {dim_employees} as employees on logins.brid = employees.manager_brid

    union

    select
        below.manager_brid,
        employees.brid
    from below
    join {dim_employees} as employees on below.brid = employees.manager_brid
    join {dim_employees} as managers on below.manager_brid = managers.brid
    -- Everybody reports to the head of the bank: there, those next to it may not approve.
    where managers.manager_brid is not null

)

select
    logins.login,
    case
        when not approvers.is_employed or approvers.brid is null
            then 'who approved it is not employed'
        when below.brid is not null then 'who approved it reports to whom it is for'
        else 'it is a group, or cannot log in'
    end
from logins
left join {dim_employees} as approvers on logins.approved_by = approvers.brid
left join below on logins.brid = below.manager_brid and logins.approved_by = below.brid
left join pg_roles on logins.login = pg_roles.rolname
where approvers.brid is null
    or not approvers.is_employed
    or below.brid is not null
    or not pg_roles.rolcanlogin
    or exists (
        select
        from pg_auth_members
        where roleid = pg_roles.oid
            -- From PostgreSQL 16 on, whoever made a role is a member who may not act as it.
            and (
                coalesce(cast(to_jsonb(pg_auth_members) ->> 'set_option' as boolean), true)
                or coalesce(cast(to_jsonb(pg_auth_members) ->> 'inherit_option' as boolean), true)
            )
    )
order by 1
"""


def unsound_logins(
    cursor: psycopg.Cursor, served: Served, logins: Sequence[Login]
) -> list[tuple[str, str]]:
    """List logins that get no keys by the HR data that were just loaded, each with the reason."""
    cursor.execute(
        sql.SQL(_UNSOUND).format(dim_employees=served.table("dim_employees")),
        [
            [login.name for login in logins],
            [login.brid for login in logins],
            [login.approved_by for login in logins],
        ],
    )
    return [(str(login), str(why)) for login, why in cursor]


def check_roles(cursor: psycopg.Cursor, served: Served, audiences: Sequence[str]) -> None:
    """Raise PersonaAccessError when a role is missing or a member of it would read everything."""
    roles = [served.role(audience) for audience in audiences]
    cursor.execute("select rolname from pg_roles where rolname = any (%s)", [roles])
    if missing := set(roles) - {name for (name,) in cursor}:
        raise PersonaAccessError(
            f"The server has no role {', '.join(sorted(missing))}: an administrator makes the "
            "roles once, as docs/serving.md shows."
        )
    cursor.execute(_UNBOUND, {"roles": roles})
    if unbound := [name for (name,) in cursor]:
        raise PersonaAccessError(
            f"No row would be hidden from {', '.join(unbound)}: a reader may not be a member of "
            "the role that publishes, nor of one with SUPERUSER, BYPASSRLS, CREATEROLE, "
            "REPLICATION or the right to the server's files. Take one of the two away."
        )


def check_schema(cursor: psycopg.Cursor, served: Served) -> None:
    """Raise PersonaAccessError when it is another's, or others keep views or functions in it.

    A view shows its readers what its owner may read.
    """
    cursor.execute(
        "select nspowner::regrole::text, current_user from pg_namespace "
        "where nspname = %s and nspowner <> current_user::regrole",
        [served.schema],
    )
    if found := cursor.fetchone():
        raise PersonaAccessError(
            f"The schema {served.schema} belongs to {found[0]}, and you are {found[1]}: publish as "
            "its owner (PGUSER), as docs/serving.md says."
        )
    cursor.execute(_STRANGERS, [served.schema])
    if strangers := [name for (name,) in cursor]:
        raise PersonaAccessError(
            f"The schema {served.schema} is for marts alone, and holds {', '.join(strangers)}: "
            "move that to another schema."
        )


def grant(cursor: psycopg.Cursor, served: Served, tables: Mapping[str, Iterable[str]]) -> None:
    """Let each table be read by these audiences, and take away whatever others were given."""
    schema = sql.Identifier(served.schema)
    cursor.execute(_SCHEMA_GRANTEES, [served.schema])
    for other in [_grantee(name) for (name,) in cursor.fetchall()]:
        cursor.execute(sql.SQL("revoke all on schema {} from {} cascade").format(schema, other))
    for name, audiences in tables.items():
        table = served.table(name)
        cursor.execute(_TABLE_GRANTEES, {"table": table.as_string(cursor)})
        for other in [_grantee(name) for (name,) in cursor.fetchall()]:
            cursor.execute(sql.SQL("revoke all on {} from {} cascade").format(table, other))
        for role in map(served.role, audiences):
            cursor.execute(sql.SQL("grant select on {} to {}").format(table, sql.Identifier(role)))
    for role in {served.role(audience) for names in tables.values() for audience in names}:
        cursor.execute(
            sql.SQL("grant usage on schema {} to {}").format(schema, sql.Identifier(role))
        )


def give_keys(cursor: psycopg.Cursor, served: Served, logins: Sequence[Login]) -> None:
    """Write which keys each login has by the marts that were just loaded."""
    cursor.execute(sql.SQL("delete from {}").format(served.table(READER_KEYS)))
    names = ("dim_employees", "dim_applications", "dim_personas")
    tables = {name: served.table(name) for name in names}
    cursor.execute(
        sql.SQL(_KEYS).format(keys=served.table(READER_KEYS), **tables),
        [
            [login.name for login in logins],
            [login.brid for login in logins],
            [login.valid_from for login in logins],
            [login.valid_to for login in logins],
        ],
    )


def _grantee(name: str) -> sql.Composable:
    """Name a role as regrole writes it: quoted where needed, `-` for everybody."""
    return sql.SQL("public") if name == "-" else sql.SQL(name)
