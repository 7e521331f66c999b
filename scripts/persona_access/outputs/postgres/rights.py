"""Set the rights on the served schema: exactly those that the marts declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import psycopg
from psycopg import sql

from persona_access.base.errors import PersonaAccessError
from persona_access.base.sql import statement
from persona_access.outputs.postgres.logins import Login
from persona_access.outputs.postgres.structure import READER_KEYS, Served

# Readers who could become a role that bypasses row-level security, by `set role` or by making
# themselves a member: up to PostgreSQL 15, CREATEROLE can grant any role.
_UNBOUND = statement(__package__, "unbound", roles="%(roles)s")
_OTHER_OWNER = statement(__package__, "other_owner", schema="%s")
_STRANGERS = statement(__package__, "strangers", schema="%s")
_TABLE_GRANTEES = statement(__package__, "table_grantees", table="%(table)s")
_SCHEMA_GRANTEES = statement(__package__, "schema_grantees", schema="%s")
_KEYS = statement(
    __package__,
    "reader_keys",
    keys="{keys}",
    dim_employees="{dim_employees}",
    dim_applications="{dim_applications}",
    dim_personas="{dim_personas}",
    logins="%s",
    brids="%s",
    first_days="%s",
    last_days="%s",
)


_UNSOUND = statement(
    __package__,
    "unsound",
    dim_employees="{dim_employees}",
    logins="%s",
    brids="%s",
    approvers="%s",
)


def unsound_logins(
    cursor: psycopg.Cursor, served: Served, logins: Sequence[Login]
) -> list[tuple[str, str]]:
    """List logins that get no keys according to the loaded HR data, each with the reason."""
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
    """Raise PersonaAccessError if a role is missing, or a member of it could read everything."""
    roles = [served.role(audience) for audience in audiences]
    cursor.execute("select rolname from pg_roles where rolname = any (%s)", [roles])
    if missing := set(roles) - {name for (name,) in cursor}:
        raise PersonaAccessError(
            f"The server has no role {', '.join(sorted(missing))}: ask an administrator to "
            "create the roles once, as docs/serving.md shows."
        )
    cursor.execute(_UNBOUND, {"roles": roles})
    if unbound := [name for (name,) in cursor]:
        raise PersonaAccessError(
            f"No row would be hidden from {', '.join(unbound)}: a reader may not be a member of "
            "the role that publishes, nor of one with SUPERUSER, BYPASSRLS, CREATEROLE, "
            "REPLICATION or the right to the server's files. Take one of the two away."
        )


def check_schema(cursor: psycopg.Cursor, served: Served) -> None:
    """Raise PersonaAccessError if the schema belongs to another user, or contains other objects.

    A view shows its readers all that its owner can read.
    """
    cursor.execute(_OTHER_OWNER, [served.schema])
    if found := cursor.fetchone():
        raise PersonaAccessError(
            f"The schema {served.schema} belongs to {found[0]}, and you are {found[1]}: publish as "
            "its owner (PGUSER), as docs/serving.md says."
        )
    cursor.execute(_STRANGERS, [served.schema])
    if strangers := [name for (name,) in cursor]:
        raise PersonaAccessError(
            f"The schema {served.schema} is only for marts, but contains "
            f"{', '.join(strangers)}: move these objects to another schema."
        )


def grant(cursor: psycopg.Cursor, served: Served, tables: Mapping[str, Iterable[str]]) -> None:
    """Grant read rights on each table to these audiences, and revoke all others."""
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
    """Write the keys of each login, from the marts that were just loaded."""
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
    """Return a role's name in the format of regrole: quoted if needed, `-` for everybody."""
    return sql.SQL("public") if name == "-" else sql.SQL(name)
