"""A whole release into PostgreSQL, in one transaction: readers see the one before, or this one.

Rows are deleted and copied anew in tables that stay. Replacing the tables would wait for readers,
make everybody else wait meanwhile, and show emptiness to transactions that began before it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, cast

import duckdb
import psycopg
from psycopg import sql

from persona_access.audit import record
from persona_access.base.dbt import one_line
from persona_access.base.errors import MachineError
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.outputs.postgres.connect import serving
from persona_access.outputs.postgres.copying import copy_rows
from persona_access.outputs.postgres.logins import Login, read_logins
from persona_access.outputs.postgres.rights import check_roles, check_schema, give_keys, grant
from persona_access.outputs.postgres.structure import (
    READER_KEYS,
    RELEASE,
    SIGNATURES_OF_SCHEMA,
    SIGNATURES_OF_SESSION,
    Served,
)
from persona_access.outputs.release.catalogue import Catalogue, Mart, read_catalogue
from persona_access.outputs.release.manifest import read_manifest
from persona_access.outputs.release.release import sha256

# How long the few tables that change their columns or rights wait for their readers.
_LOCK_TIMEOUT = "60s"

_Create = Callable[[sql.Composable, str], list[sql.Composed]]


def serve_release(settings: Settings, release: Path, report: Reporter = SILENT) -> None:
    """Load a published release into the server of libpq's settings, with rights and policies.

    Raises PersonaAccessError, with the release served before, when anything fails.
    """
    started = time.monotonic()
    manifest = read_manifest(release)
    catalogue = read_catalogue(release / "marts")
    _check_files(release, catalogue, manifest)
    logins = read_logins(settings.logins)
    served = Served(settings.target)
    with serving(os.environ) as connection:
        with connection.transaction(), connection.cursor() as cursor:
            _load(cursor, served, release, catalogue, manifest, logins, settings.memory_limit)
            place = f"{connection.info.dbname}.{served.schema}"
            # Before the end of the transaction: no reader has what is not on record.
            record(
                settings,
                "serve",
                {
                    "release": release.name,
                    "manifest_sha256": sha256(release / "manifest.json"),
                    "schema": place,
                    "logins_sha256": sha256(settings.logins) if logins else None,
                },
            )
        _tidy_up(connection, served, catalogue, report)
    n_rows = sum(mart["n_rows"] for mart in manifest["marts"].values())
    report.say(
        f"PostgreSQL serves {release.name} as {place}: {len(catalogue.marts)} marts "
        f"({n_rows:,} rows), {len(logins)} logins; {time.monotonic() - started:.1f} s"
    )


def _check_files(release: Path, catalogue: Catalogue, manifest: Mapping[str, Any]) -> None:
    """Refuse Parquet files that are not those that were published."""
    for name in catalogue.marts:
        member = f"marts/{name}.parquet"
        if sha256(release / member) != manifest["members"][member]["sha256"]:
            raise MachineError(
                f"{release / member} is not what was published; nothing was served. Publish again, "
                "and see what `persona-access audit verify` says."
            )


def _load(
    cursor: psycopg.Cursor,
    served: Served,
    release: Path,
    catalogue: Catalogue,
    manifest: Mapping[str, Any],
    logins: list[Login],
    memory_limit: str,
) -> None:
    """Do all that readers see at once."""
    schema, marts = sql.Identifier(served.schema), catalogue.marts
    audiences = sorted({name for mart in marts.values() for name in mart.audience})
    cursor.execute("select pg_try_advisory_xact_lock(hashtext(%s))", [served.schema])
    if cursor.fetchone() != (True,):
        raise MachineError(f"Another process publishes to {served.schema}: wait until it is done.")
    cursor.execute(sql.SQL("set local lock_timeout = {}").format(_LOCK_TIMEOUT))
    check_roles(cursor, served, audiences)
    cursor.execute("select 1 from pg_namespace where nspname = %s", [served.schema])
    if not cursor.fetchone():
        cursor.execute(sql.SQL("create schema {}").format(schema))
    check_schema(cursor, served)
    own = dict.fromkeys((READER_KEYS, RELEASE), audiences)
    _shape(cursor, served, marts, audiences)
    with duckdb.connect(config={"memory_limit": memory_limit}) as files:
        for name, mart in marts.items():
            cursor.execute(sql.SQL("delete from {}").format(served.table(name)))
            file = release / "marts" / f"{name}.parquet"
            rows = files.sql(
                f"select {', '.join(mart.columns)} from read_parquet('{file}')"  # noqa: S608
            )
            n_rows = copy_rows(cursor, served.table(name), rows)
            if n_rows != manifest["marts"][name]["n_rows"]:
                raise MachineError(f"{name} arrived with {n_rows} rows, which is not all of it.")
    give_keys(cursor, served, logins)
    grant(cursor, served, own | {name: list(mart.audience) for name, mart in marts.items()})
    cursor.execute(sql.SQL("delete from {}").format(served.table(RELEASE)))
    cursor.execute(
        sql.SQL("insert into {} values (%s, %s, %s, %s, now())").format(served.table(RELEASE)),
        [release.name, catalogue.as_of_date, manifest["commit"], manifest["published_at"]],
    )


def _shape(
    cursor: psycopg.Cursor, served: Served, marts: Mapping[str, Mart], audiences: list[str]
) -> None:
    """Bring tables, keys and policies to what is declared; what is so already is not touched."""
    own: dict[str, _Create] = {
        READER_KEYS: partial(served.create_reader_keys, audiences),
        RELEASE: served.create_release,
    }
    # The policies of marts rest on the keys, so they go and come with them.
    _make(cursor, served, own, sql.SQL("cascade"))
    _make(
        cursor,
        served,
        {name: partial(served.create_mart, mart) for name, mart in marts.items()},
        sql.SQL("restrict"),
    )
    for name in _signatures(cursor, SIGNATURES_OF_SCHEMA, [served.schema]).keys() - {*marts, *own}:
        cursor.execute(sql.SQL("drop table {}").format(served.table(name)))
    for mart in marts.values():
        for statement in served.comments(mart):
            cursor.execute(statement)


def _make(
    cursor: psycopg.Cursor,
    served: Served,
    tables: Mapping[str, _Create],
    dependents: sql.SQL,
) -> None:
    """Make each table anew that is not what it should be.

    What it should be is made as a temporary table and compared in the words of the server, so a
    policy that somebody changed by hand is found, too. What is sound is not even locked.
    """
    found = _signatures(cursor, SIGNATURES_OF_SCHEMA, [served.schema])
    for name, create in tables.items():
        for statement in create(sql.Identifier("pg_temp", name), "temp table"):
            cursor.execute(statement)
    wanted = _signatures(cursor, SIGNATURES_OF_SESSION)
    for name, create in tables.items():
        cursor.execute(sql.SQL("drop table {}").format(sql.Identifier("pg_temp", name)))
        if found.get(name) != wanted[name]:
            table = served.table(name)
            cursor.execute(sql.SQL("drop table if exists {} {}").format(table, dependents))
            for statement in create(table, "table"):
                cursor.execute(statement)


def _signatures(
    cursor: psycopg.Cursor, query: LiteralString, values: Sequence[str] = ()
) -> dict[str, str]:
    """Describe every table of a schema, by name."""
    return dict(cast("list[tuple[str, str]]", cursor.execute(query, values).fetchall()))


def _tidy_up(
    connection: psycopg.Connection, served: Served, catalogue: Catalogue, report: Reporter
) -> None:
    """Free the room of the rows that were replaced, and count the new ones for the planner."""
    connection.autocommit = True
    try:
        for name in (*catalogue.marts, READER_KEYS):
            connection.execute(sql.SQL("vacuum (analyze) {}").format(served.table(name)))
    except psycopg.Error as error:
        report.warn(
            f"The release is served, but its tables were not tidied up ({one_line(str(error))}): "
            "PostgreSQL does that by itself later."
        )
