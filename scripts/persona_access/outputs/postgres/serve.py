"""Load a release into PostgreSQL in one transaction: readers see the previous release or this one.

Rows are deleted and copied again in existing tables. Replacing the tables would wait for readers,
block everybody else meanwhile, and show empty tables to earlier transactions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from persona_access.audit import record
from persona_access.base.dbt import one_line
from persona_access.base.errors import MachineError
from persona_access.base.files import sha256_of
from persona_access.base.printable import counted
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.outputs.postgres.connect import serving
from persona_access.outputs.postgres.copying import copy_rows
from persona_access.outputs.postgres.logins import Login, read_logins
from persona_access.outputs.postgres.repair import (
    dependents,
    lock,
    refuse_dependents,
    restore_policies,
    wanted_signatures,
)
from persona_access.outputs.postgres.rights import (
    check_roles,
    check_schema,
    give_keys,
    grant,
    unsound_logins,
)
from persona_access.outputs.postgres.structure import (
    READER_KEYS,
    RELEASE,
    SIGNATURES_OF_SCHEMA,
    Create,
    Served,
    signatures,
)
from persona_access.outputs.release.catalogue import Catalogue, Mart, read_catalogue
from persona_access.outputs.release.manifest import read_manifest


def serve_release(
    settings: Settings,
    release: Path,
    report: Reporter = SILENT,
    *,
    is_dropping_views: bool = False,
) -> None:
    """Load a published release into the server in libpq's settings, with rights and policies.

    `is_dropping_views` drops other users' views that block the load or expose rows. Raises
    PersonaAccessError if anything fails; the previous release is then still served.
    """
    started = time.monotonic()
    manifest = read_manifest(release)
    catalogue = read_catalogue(release / "marts")
    _check_files(release, catalogue, manifest)
    logins = read_logins(settings.logins)
    served = Served(settings.target)
    with serving(os.environ) as connection:
        # First and separately, so that rows are protected again even if the release fails.
        with connection.transaction(), connection.cursor() as cursor:
            restored = _restore(cursor, served, catalogue)
        if restored:
            report.warn(
                f"Row-level security on {', '.join(restored)} was changed by hand and is now "
                "restored: find out who changed it."
            )
        with connection.transaction(), connection.cursor() as cursor:
            _load(
                cursor,
                served,
                release,
                catalogue,
                manifest,
                logins,
                settings.memory_limit,
                is_dropping_views=is_dropping_views,
            )
            lenders = dependents(cursor, served, [*catalogue.marts, READER_KEYS])
            without_keys = unsound_logins(cursor, served, logins)
            place = f"{connection.info.dbname}.{served.schema}"
            # Before the end of the transaction, so that readers see only recorded releases.
            record(
                settings,
                "serve",
                {
                    "release": release.name,
                    "manifest_sha256": sha256_of(release / "manifest.json"),
                    "schema": place,
                    "logins_sha256": sha256_of(settings.logins) if logins else None,
                },
            )
        _tidy_up(connection, served, catalogue, report)
    if lending := sorted({f"{what} (on {table})" for what, table, lends in lenders if lends}):
        report.warn(
            f"These views or functions expose rows to others: {', '.join(lending)}. Ask the "
            "owners to revoke the grants or to set security_invoker, or run `persona-access "
            "serve --drop-views`."
        )
    for name, why in without_keys:
        report.warn(f"The login {name} cannot read rows that depend on a person: {why}.")
    n_rows = sum(mart["n_rows"] for mart in manifest["marts"].values())
    report.say(
        f"PostgreSQL serves {release.name} as {place}: {counted(len(catalogue.marts), 'mart')} "
        f"({counted(n_rows, 'row')}), {counted(len(logins), 'login')}; "
        f"{time.monotonic() - started:.1f} s"
    )


def _restore(cursor: psycopg.Cursor, served: Served, catalogue: Catalogue) -> list[str]:
    """Restore the policies of existing tables; return the names of the changed tables."""
    cursor.execute(
        "select 1 from pg_namespace where nspname = %s and nspowner = current_user::regrole",
        [served.schema],
    )
    if not cursor.fetchone():
        return []
    audiences = sorted({name for mart in catalogue.marts.values() for name in mart.audience})
    check_roles(cursor, served, audiences)
    tables = _own_tables(served, audiences) | _mart_tables(served, catalogue.marts)
    return restore_policies(cursor, served, tables)


def _check_files(release: Path, catalogue: Catalogue, manifest: Mapping[str, Any]) -> None:
    """Refuse Parquet files that changed since they were published."""
    for name in catalogue.marts:
        member = f"marts/{name}.parquet"
        if sha256_of(release / member) != manifest["members"][member]["sha256"]:
            raise MachineError(
                f"{release / member} changed since it was published; nothing was served. "
                "Publish again, and run `persona-access audit verify`."
            )


def _load(
    cursor: psycopg.Cursor,
    served: Served,
    release: Path,
    catalogue: Catalogue,
    manifest: Mapping[str, Any],
    logins: list[Login],
    memory_limit: str,
    *,
    is_dropping_views: bool,
) -> None:
    """Make the changes that readers must see all at the same moment."""
    schema, marts = sql.Identifier(served.schema), catalogue.marts
    audiences = sorted({name for mart in marts.values() for name in mart.audience})
    check_roles(cursor, served, audiences)
    cursor.execute("select 1 from pg_namespace where nspname = %s", [served.schema])
    if not cursor.fetchone():
        cursor.execute(sql.SQL("create schema {}").format(schema))
    check_schema(cursor, served)
    _take_turn(cursor, served)
    own = dict.fromkeys((READER_KEYS, RELEASE), audiences)
    if is_dropping_views:
        lending = {
            table for _, table, lends in dependents(cursor, served, [*marts, READER_KEYS]) if lends
        }
        # Another user's view can be dropped only together with its table.
        _drop(cursor, served, sorted(lending), is_dropping_views=True)
    _shape(cursor, served, marts, audiences, is_dropping_views=is_dropping_views)
    with duckdb.connect(config={"memory_limit": memory_limit}) as files:
        for name, mart in marts.items():
            cursor.execute(sql.SQL("delete from {}").format(served.table(name)))
            file = release / "marts" / f"{name}.parquet"
            # Readers can see a row's position (ctid): in a sorted table, gaps between visible rows
            # would reveal who is hidden in them.
            order = "" if mart.is_open else " order by random()"
            columns = ", ".join(mart.columns)
            rows = files.sql(f"select {columns} from read_parquet('{file}'){order}")  # noqa: S608
            n_rows = copy_rows(cursor, served.table(name), rows)
            if n_rows != manifest["marts"][name]["n_rows"]:
                raise MachineError(
                    f"{name} arrived with {counted(n_rows, 'row')}, which is not all of it."
                )
    unsound = {name for name, _ in unsound_logins(cursor, served, logins)}
    give_keys(cursor, served, [login for login in logins if login.name not in unsound])
    grant(cursor, served, own | {name: list(mart.audience) for name, mart in marts.items()})
    cursor.execute(sql.SQL("delete from {}").format(served.table(RELEASE)))
    cursor.execute(
        sql.SQL("insert into {} values (%s, %s, %s, %s, now())").format(served.table(RELEASE)),
        [release.name, catalogue.as_of_date, manifest["commit"], manifest["published_at"]],
    )


def _take_turn(cursor: psycopg.Cursor, served: Served) -> None:
    """Lock the schema until the end of the transaction, so that nobody else publishes meanwhile.

    Only its owner can take this lock. Any reader could hold an advisory lock, forever.
    """
    comment = sql.SQL("comment on schema {} is 'The marts of Persona Access.'")
    try:
        with cursor.connection.transaction():
            cursor.execute("set local lock_timeout = '1s'")
            cursor.execute(comment.format(sql.Identifier(served.schema)))
            cursor.execute("set local lock_timeout = 0")
    except psycopg.errors.LockNotAvailable as error:
        raise MachineError(
            f"Another process is publishing to {served.schema}: wait until it is done, and run "
            "the command again."
        ) from error


def _own_tables(served: Served, audiences: list[str]) -> dict[str, Create]:
    return {
        READER_KEYS: partial(served.create_reader_keys, audiences),
        RELEASE: served.create_release,
    }


def _mart_tables(served: Served, marts: Mapping[str, Mart]) -> dict[str, Create]:
    return {name: partial(served.create_mart, mart) for name, mart in marts.items()}


def _shape(
    cursor: psycopg.Cursor,
    served: Served,
    marts: Mapping[str, Mart],
    audiences: list[str],
    *,
    is_dropping_views: bool,
) -> None:
    """Change tables, keys and policies to what is declared; leave all others unchanged."""
    own = _own_tables(served, audiences)
    # The policies of marts depend on the keys, so they are dropped and created with them.
    _make(cursor, served, own, is_dropping_views=is_dropping_views)
    _make(cursor, served, _mart_tables(served, marts), is_dropping_views=is_dropping_views)
    gone = sorted(signatures(cursor, SIGNATURES_OF_SCHEMA, [served.schema]).keys() - {*marts, *own})
    _drop(cursor, served, gone, is_dropping_views=is_dropping_views)
    for mart in marts.values():
        for statement in served.comments(mart):
            cursor.execute(statement)


def _make(
    cursor: psycopg.Cursor,
    served: Served,
    tables: Mapping[str, Create],
    *,
    is_dropping_views: bool,
) -> None:
    """Rebuild each table that differs from its declaration.

    The declared table is created as a temporary table and compared through the server's catalogue,
    so that policies changed by hand are found, too. Correct tables are not even locked.
    """
    found = signatures(cursor, SIGNATURES_OF_SCHEMA, [served.schema])
    wanted = wanted_signatures(cursor, tables)
    changed = [name for name in tables if found.get(name) != wanted[name]]
    _drop(
        cursor,
        served,
        [name for name in changed if name in found],
        is_dropping_views=is_dropping_views,
    )
    for name in changed:
        for statement in tables[name](served.table(name), "table"):
            cursor.execute(statement)


def _drop(
    cursor: psycopg.Cursor, served: Served, names: Sequence[str], *, is_dropping_views: bool
) -> None:
    """Drop tables; other users' views on them are reported, or dropped with them."""
    if not is_dropping_views:
        refuse_dependents(dependents(cursor, served, names))
    for name in names:
        lock(cursor, served.table(name))
        cursor.execute(sql.SQL("drop table {} cascade").format(served.table(name)))


def _tidy_up(
    connection: psycopg.Connection, served: Served, catalogue: Catalogue, report: Reporter
) -> None:
    """Free the space of replaced rows, and update the planner's statistics."""
    connection.autocommit = True
    try:
        for name in (*catalogue.marts, READER_KEYS):
            connection.execute(sql.SQL("vacuum (analyze) {}").format(served.table(name)))
    except psycopg.Error as error:
        report.warn(
            "The release is served, but its tables were not vacuumed "
            f"({one_line(str(error))}): PostgreSQL does this automatically later."
        )
