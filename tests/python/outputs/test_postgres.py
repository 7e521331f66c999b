"""Every reader of a real PostgreSQL sees exactly the rows that are declared for them."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import pyarrow as pa
import pytest

from persona_access.base.content_hash import content_hash
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.settings import Settings, load_settings
from persona_access.commands.output import Output
from persona_access.outputs.postgres import repair, serve_release
from persona_access.outputs.postgres.connect import secured
from persona_access.outputs.postgres.logins import read_logins
from persona_access.outputs.publishing.publish import Contents
from persona_access.outputs.release.catalogue import Catalogue, Mart, published_marts
from persona_access.outputs.release.gate import WeekBuild
from persona_access.outputs.release.manifest import write_manifest
from persona_access.outputs.release.release import Releases
from postgres_server import Server, postgres_server
from scenarios.project import ROOT, Project, to_csv

WEEK = date(2026, 1, 5)
SCHEMA = "persona_access_dev"
PUBLISHER = f"{SCHEMA}_publisher"
# Who reports to whom: 1 > 2 > (3 > 7), 4; 1 > 5 > 6; 8, who left, > 9; 10 and 11 in a circle.
MANAGERS = {"1": None, "2": "1", "3": "2", "4": "2", "5": "1", "6": "5", "7": "3", "8": "1"}
MANAGERS |= {"9": "8", "10": "11", "11": "10", 'it\'s, "12"': "5"}
LEFT = {"8"}
APPLICATION_OWNERS = {"ledger": "5", "mail": "2", "vault": "8", "wiki": None}
PERSONA_OWNERS = {"clerk": "6", "teller": "2"}
# A login, its BRID, and the roles that it is a member of.
READERS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "chief": ("1", ("managers",)),
    "boss": ("2", ("managers", "application_owners")),
    "lead": ("3", ("managers",)),
    "clerk": ("4", ("managers", "application_owners", "persona_owners")),
    "owner": ("5", ("application_owners",)),
    "persona_owner": ("6", ("persona_owners",)),
    "leaver": ("8", ("managers", "application_owners")),
    "circle": ("10", ("managers",)),
    "unlisted": (None, ("managers", "application_owners", "persona_owners")),
    "expired": ("5", ("managers", "application_owners")),
    "not_yet": ("5", ("managers", "application_owners")),
    "unknown_to_hr": ("77", ("managers",)),
    "mender": (None, ("data_owners",)),
    "auditor": (None, ("auditors",)),
    "watcher": (None, ("stakeholders",)),
    "nobody": ("2", ()),
}
# 11, who reports to none of them, approves everybody else.
APPROVERS = {"circle": "2"}
DATES = {"expired": ("2020-01-01", "2020-12-31"), "not_yet": ("2099-01-01", "")}
KEYS: dict[str, dict[str, set[str]]] = {
    "chief": {"reports": set(MANAGERS) - {"1", "10", "11"}},
    "boss": {"reports": {"3", "4", "7"}, "applications": {"mail"}, "personas": {"teller"}},
    "lead": {"reports": {"7"}},
    "owner": {"reports": {"6", 'it\'s, "12"'}, "applications": {"ledger"}},
    "persona_owner": {"personas": {"clerk"}},
    "circle": {"reports": {"11"}},
}
BUILD = WeekBuild(WEEK, "invented", datetime(2026, 1, 5, tzinfo=UTC), "abc")
WRONG = "not the word"
NO_RIGHT = psycopg.errors.InsufficientPrivilege


class Bank(NamedTuple):
    """A server, the settings that publish to it, and the release that it serves."""

    server: Server
    settings: Settings
    release: Path
    marts: dict[str, Mart]

    def serve(self, settings: Settings | None = None, release: Path | None = None) -> None:
        """Publish over the socket."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.server.environment(PUBLISHER).items():
                patch.setenv(name, value)
            serve_release(settings or self.settings, release or self.release, Output())

    def rows(self, login: str, query: str) -> list[tuple[Any, ...]]:
        """Run a query as a reader."""
        with self.server.connect(login) as connection:
            return connection.execute(query.encode()).fetchall()

    def published(self, mart: str) -> list[dict[str, Any]]:
        """Read the rows of the release."""
        relation = duckdb.sql(f"from read_parquet('{self.release}/marts/{mart}.parquet')")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def write_release(folder: Path, marts: dict[str, Mart], *, without: str | None = None) -> Path:
    """Write a release in which every mart has every person, application and persona.

    The marts are those that the models declare; `without` leaves one person out of all.
    """
    people = [brid for brid in MANAGERS if brid != without]
    (folder / "marts").mkdir(parents=True)
    contents = {}
    with duckdb.connect() as connection:
        for mart in marts.values():
            rows: dict[tuple[Any, ...], dict[str, Any]] = {}
            triples = product(people, APPLICATION_OWNERS, PERSONA_OWNERS)
            for number, (brid, application, persona) in enumerate(triples):
                known = {
                    "as_of_date": WEEK,
                    "brid": brid,
                    "manager_brid": MANAGERS[brid] if "brid" in mart.columns else brid,
                    "application_id": application,
                    "persona_id": persona,
                    "losing_persona_id": persona,
                    "is_employed": brid not in LEFT,
                    "finding_id": f"{brid}/{application}",
                    "full_name": "",
                    "owner_brid": {**APPLICATION_OWNERS, **PERSONA_OWNERS}[
                        persona if mart.name == "dim_personas" else application
                    ],
                }
                row = {name: known.get(name) for name in mart.columns}
                for name in mart.key:
                    is_date = mart.columns[name].data_type == "date"
                    row[name] = known.get(name, WEEK if is_date else number)
                rows.setdefault(tuple(row[name] for name in mart.key or row), row)
            columns = ", ".join(
                f"{name} {column.data_type}" for name, column in mart.columns.items()
            )
            connection.sql(f"create or replace table mart ({columns})")
            connection.register("rows", pa.Table.from_pylist([*rows.values()]))
            connection.sql("insert into mart by name from rows")
            connection.sql(f"copy mart to '{folder}/marts/{mart.name}.parquet'")
            contents[mart.name] = content_hash(connection, "mart")
    Catalogue(WEEK, marts).write(folder / "marts")
    write_manifest(folder, build=BUILD, masking_key=None, marts=marts, contents=contents)
    return folder


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Serve an invented release as the documentation says."""
    with serving_bank(tmp_path_factory.mktemp("serving"), is_installed_preferred=True) as found:
        yield found


@contextmanager
def serving_bank(folder: Path, *, is_installed_preferred: bool) -> Iterator[Bank]:
    """Serve the release on the PostgreSQL of the machine, or on that of PyPI."""
    with postgres_server(is_installed_preferred=is_installed_preferred) as server:
        server.follow("serving.md")
        for login, (_, roles) in READERS.items():
            server.sql(f"create role {login} login")
            for role in roles:
                server.sql(f"grant {SCHEMA}_{role} to {login}")
        logins = folder / "logins.csv"
        columns = (ROOT / "logins" / "dev.csv").read_text().splitlines()[0].split(",")
        rows = [
            {
                "login": login,
                "brid": brid,
                "valid_from": DATES.get(login, ("2020-01-01", ""))[0],
                "valid_to": DATES.get(login, ("", ""))[1],
                "approved_by": APPROVERS.get(login, "11"),
                "approved_on": "2020-01-01",
                "rationale": "Invented.",
            }
            for login, (brid, _) in READERS.items()
            if brid
        ]
        logins.write_text(to_csv(columns, rows))
        settings = load_settings(
            environ={
                "PERSONA_ACCESS_PROJECT": str(ROOT),
                "PERSONA_ACCESS_HOME": str(folder / "home"),
                "PERSONA_ACCESS_LOGINS": str(logins),
            }
        )
        flags = ("--target-path", str(folder), "--log-path", str(folder))
        marts = published_marts(DbtProject(settings, flags).manifest)
        bank = Bank(server, settings, write_release(folder / "first", marts), marts)
        bank.serve()
        yield bank


def test_the_auditor_reads_every_published_mart(bank: Bank) -> None:
    for name, mart in bank.marts.items():
        served = bank.rows("auditor", f"select {', '.join(mart.columns)} from {SCHEMA}.{name}")
        published = [tuple(row.values()) for row in bank.published(name)]
        assert sorted(map(repr, served)) == sorted(map(repr, published)), name
        assert served
    ((release, week),) = bank.rows("auditor", f"select release, as_of_date from {SCHEMA}.release")
    assert (release, week) == ("first", WEEK)


def expected_rows(bank: Bank, login: str, mart: Mart) -> list[str] | None:
    """Return the rows of a mart that a login should see; None without access to the mart."""
    declared = [mart.audience[role] for role in READERS[login][1] if role in mart.audience]
    if not declared:
        return None
    keys = dict(KEYS.get(login, {}))
    keys["teams"] = keys.get("reports", set()) | {READERS[login][0] or "-"}
    if login in {"leaver", "expired", "not_yet", "unlisted", "unknown_to_hr"}:
        keys = {}

    def is_seen(row: dict[str, Any]) -> bool:
        return any(
            isinstance(rows, str)
            or any(row[column] in keys.get(rule, ()) for rule, column in rows.items())
            for rows in declared
        )

    return sorted(repr(tuple(row.values())) for row in bank.published(mart.name) if is_seen(row))


@pytest.mark.parametrize("login", READERS)
def test_each_login_sees_the_rows_of_its_roles_and_no_other(bank: Bank, login: str) -> None:
    for name, mart in bank.marts.items():
        query = f"select {', '.join(mart.columns)} from {SCHEMA}.{name}"
        expected = expected_rows(bank, login, mart)
        if expected is None:
            with pytest.raises(NO_RIGHT):
                bank.rows(login, query)
        else:
            assert sorted(map(repr, bank.rows(login, query))) == expected, name


def brids(bank: Bank, login: str, mart: str = "dim_employees") -> set[str]:
    return {brid for (brid,) in bank.rows(login, f"select brid from {SCHEMA}.{mart}")}


def test_the_rules_mean_what_they_say(bank: Bank) -> None:
    assert brids(bank, "boss") == {"3", "4", "7"}
    assert brids(bank, "lead") == {"7"}
    assert brids(bank, "clerk") == set()
    assert brids(bank, "circle") == {"11"}
    for login in ("leaver", "unlisted", "expired", "not_yet", "unknown_to_hr"):
        assert brids(bank, login) == set(), login
    seen = bank.rows("owner", f"select distinct application_id from {SCHEMA}.fct_review_items")
    assert seen == [("ledger",)]
    # Both roles: own people anywhere, and anybody in the own application.
    pairs = bank.rows("boss", f"select brid, application_id from {SCHEMA}.fct_review_items")
    assert set(pairs) == set(product({"3", "4", "7"}, APPLICATION_OWNERS)) | set(
        product(MANAGERS, {"mail"})
    )


def test_a_stakeholder_reads_no_mart_that_tells_who_somebody_is(bank: Bank) -> None:
    for mart in bank.marts.values():
        if "stakeholders" in mart.audience:
            assert {column.privacy for column in mart.columns.values()} == {"none"}
    with pytest.raises(NO_RIGHT):
        brids(bank, "watcher")


SNOOPING = [
    "set row_security = off; select * from {s}.dim_employees",
    "select * from {s}.dim_employees for update",
    "update {s}.dim_employees set manager_brid = '3'",
    "delete from {s}.dim_employees",
    "insert into {s}.reader_keys values ('lead', 'reports', '1')",
    "update {s}.reader_keys set key = '1'",
    "truncate {s}.dim_employees",
    "alter table {s}.dim_employees disable row level security",
    "drop policy managers on {s}.dim_employees",
    "create policy mine on {s}.dim_employees using (true)",
    "create table {s}.mine (a int)",
    "create view {s}.mine as select * from {s}.dim_employees",
    "create function {s}.mine() returns int language sql as 'select 1'",
    "create trigger mine before insert on {s}.dim_employees execute function f()",
    "create rule mine as on select to {s}.dim_employees do instead select 1",
    "copy {s}.dim_employees to '/tmp/persona_access_stolen'",
    "copy {s}.dim_employees to program 'cat'",
    "set role {s}_auditors",
    "set role {s}_publisher",
    "set role boss",
    "set session authorization boss",
    "alter role lead bypassrls",
    "alter role lead set row_security = off; set role auditor",
    "grant {s}_auditors to lead",
    "select * from pg_statistic",
    "select lo_import('/etc/hostname')",
    "select * from {s}.fct_rule_coverage",
    "create table public.mine as select 1",
]


@pytest.mark.parametrize("statement", SNOOPING)
def test_a_reader_who_tries_is_refused(bank: Bank, statement: str) -> None:
    with (
        bank.server.connect("lead", autocommit=True) as connection,
        pytest.raises((NO_RIGHT, psycopg.errors.UndefinedFunction)),
    ):
        connection.execute(statement.format(s=SCHEMA).encode())
    assert brids(bank, "lead") == {"7"}


def test_no_way_of_asking_shows_a_hidden_row(bank: Bank) -> None:
    table = f"{SCHEMA}.dim_employees"
    tell = (
        "create function pg_temp.tell(text) returns boolean language plpgsql cost 0.0001 as "
        "$$begin raise notice '%', $1; return true; end$$"
    )
    with bank.server.connect("lead", autocommit=True) as connection:
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        connection.execute(tell.encode())
        connection.execute(f"select from {table} where pg_temp.tell(brid)".encode())
        facts = f"{SCHEMA}.fct_review_items"
        connection.execute(f"select from {facts} where pg_temp.tell(brid)".encode())
        connection.execute(
            f"select from {facts} where pg_temp.tell(application_id || brid)".encode()
        )
        assert {text[-1] for text in told} == {"7"}
        # An error that only a hidden row would raise is not raised.
        connection.execute(f"select 1 / (brid::int - 1) from {table} where brid <> ''".encode())
        connection.execute(f"select from {table} where 1 / (brid::int - 1) >= 0".encode())
        with connection.cursor().copy(f"copy {table} (brid) to stdout".encode()) as copy:
            assert b"".join(map(bytes, copy)) == b"7\n"
        for statement in (
            f"create temp view mine as select brid from {table}",
            f"create temp view invoked with (security_invoker) as select brid from {table}",
            f"create temp table taken as select brid from {table}",
            f"prepare asked as select brid from {table}",
        ):
            connection.execute(statement.encode())
        for query in ("from mine", "from invoked", "from taken"):
            assert connection.execute(f"select brid {query}".encode()).fetchall() == [("7",)]
        assert connection.execute(b"execute asked").fetchall() == [("7",)]
        # PostgreSQL warns, and grants nothing.
        connection.execute(f"grant select on {table} to public".encode())
        assert connection.execute(
            f"select count(*) from {table} tablesample system (100)".encode()
        ).fetchall() == [(1,)]


def plan(connection: psycopg.Connection, table: str, condition: str, value: str) -> str:
    """Return the EXPLAIN ANALYZE output of a query, without the value in its condition."""
    query = f"select from {SCHEMA}.{table} where {condition.format(value)}"
    lines = connection.execute(
        f"explain (analyze, costs off, timing off, summary off) {query}".encode()
    ).fetchall()
    return re.sub(rf"(?<=['\"{{]){value}(?=['\"}}])", "", str(lines))


@pytest.mark.parametrize("login", ["lead", "boss"])
@pytest.mark.parametrize(
    "condition",
    [
        "brid = '{}' and application_id = 'vault'",
        "brid = any(array['{}']) and application_id = any('{{vault}}')",
        "coalesce(brid = '{}' and application_id = 'vault', false)",
        """('{{"{}": 1}}'::jsonb)[brid] is not null and application_id = 'vault'""",
        "brid = '{}' and application_id = 'vault' and is_granted is null",
    ],
)
def test_no_plan_tells_a_person_who_is_hidden_from_nobody(
    bank: Bank, login: str, condition: str
) -> None:
    """A condition that is cheaper than the policy is evaluated first."""
    with bank.server.connect(login) as connection:
        plans = [plan(connection, "fct_access_reconciliation", condition, to) for to in ("8", "Z")]
    assert plans[0] == plans[1]


def test_the_last_day_of_a_login_is_in_no_time_zone_of_its_own(bank: Bank) -> None:
    keys = f"update {SCHEMA}.reader_keys set valid_to = (now() at time zone 'UTC')::date"
    for days, seen in ((-1, []), (0, [("7",)])):
        bank.server.sql(f"{keys} + {days} where login = 'lead'")
        with bank.server.connect("lead", autocommit=True) as connection:
            for hours in (-167, 0, 167):
                connection.execute(f"set timezone = {hours}".encode())
                query = f"select brid from {SCHEMA}.dim_employees"
                assert connection.execute(query.encode()).fetchall() == seen, (days, hours)
    bank.serve()


def test_a_view_of_a_colleague_shows_nobody_what_their_own_roles_do_not(bank: Bank) -> None:
    bank.server.sql("create schema shared; grant all on schema shared to boss, nobody")
    try:
        with bank.server.connect("boss", autocommit=True) as connection:
            connection.execute(
                f"create view shared.team as select brid from {SCHEMA}.dim_employees".encode()
            )
            connection.execute(b"grant select on shared.team to nobody")
            assert len(connection.execute(b"select * from shared.team").fetchall()) == 3
        # `nobody` is listed with the keys of boss, and no administrator granted a role.
        assert bank.rows("nobody", "select * from shared.team") == []
    finally:
        bank.server.sql("drop schema shared cascade")


def test_statistics_and_estimates_tell_nothing_of_people(bank: Bank) -> None:
    with bank.server.connect("lead") as connection:
        assert not connection.execute(
            # The table `release` is not about people; the server can read it at any time.
            b"""
            select * from pg_stats
            where schemaname like 'persona_access%' and tablename <> 'release'
            """
        ).fetchall()

        def estimate(brid: str) -> str:
            query = (
                f"explain select * from {SCHEMA}.fct_access_reconciliation where brid = '{brid}'"
            )
            return str(connection.execute(query.encode()).fetchall()).replace(f"'{brid}'", "")

        # 1 exists but is hidden; 77 does not exist.
        assert estimate("1") == estimate("77")

        connection.execute(b"set enable_seqscan = off")
        for name, mart in bank.marts.items():
            if (
                any(rows != "all" for rows in mart.audience.values())
                and "managers" in mart.audience
            ):
                for column in {"brid", "manager_brid"} & mart.columns.keys():
                    condition = f"{column} = '{{}}'"
                    assert plan(connection, name, condition, "1") == plan(
                        connection, name, condition, "77"
                    )
        assert plan(connection, "reader_keys", "login = '{}'", "boss") == plan(
            connection, "reader_keys", "login = '{}'", "who"
        )
    with bank.server.connect("postgres") as connection:
        kept = connection.execute(
            f"select tablename, attname from pg_stats where schemaname = '{SCHEMA}'".encode()
        ).fetchall()
    private = {
        (mart.name, column.name)
        for mart in bank.marts.values()
        for column in mart.columns.values()
        if column.privacy != "none"
    }
    assert kept
    assert not private & set(kept)


def test_rows_follow_the_role_that_is_acted_as(bank: Bank) -> None:
    bank.server.sql("create role pool login noinherit; grant boss, lead to pool")
    try:
        with pytest.raises(NO_RIGHT):
            brids(bank, "pool")
        with bank.server.connect("pool", autocommit=True) as connection:
            query = f"select brid from {SCHEMA}.dim_employees order by 1".encode()
            connection.execute(b"set role lead")
            assert connection.execute(query).fetchall() == [("7",)]
            connection.execute(b"set role boss")
            assert connection.execute(query).fetchall() == [("3",), ("4",), ("7",)]
            # The bare role of managers is not a person.
            connection.execute(b"reset role")
            connection.execute(f"set role {SCHEMA}_managers".encode())
            assert connection.execute(query).fetchall() == []
    finally:
        bank.server.sql("drop role pool")


def test_a_login_that_may_read_and_write_every_table_has_no_rows_and_no_keys(bank: Bank) -> None:
    bank.server.sql("create role everything login in role pg_read_all_data, pg_write_all_data")
    try:
        for name in (*bank.marts, "reader_keys"):
            ((n_rows,),) = bank.rows("everything", f"select count(*) from {SCHEMA}.{name}")
            assert n_rows == 0, name
        with pytest.raises(NO_RIGHT, match="row-level security"):
            bank.rows("everything", f"insert into {SCHEMA}.reader_keys values ('everything')")
    finally:
        bank.server.sql("drop role everything")


def test_revoking_a_role_shuts_at_once(bank: Bank) -> None:
    bank.server.sql(f"revoke {SCHEMA}_managers from lead")
    with pytest.raises(NO_RIGHT):
        brids(bank, "lead")
    bank.server.sql(f"grant {SCHEMA}_managers to lead")
    assert brids(bank, "lead") == {"7"}


def test_publishing_again_changes_nothing_and_reverts_manual_changes(bank: Bank) -> None:
    table = f"{SCHEMA}.dim_employees"
    oid = f"select '{table}'::regclass::oid::int"
    before = bank.rows("auditor", oid)
    bank.serve()
    assert bank.rows("auditor", oid) == before
    for harm in (
        f"alter table {table} disable row level security",
        f"create policy all_of_it on {table} using (true)",
        f"alter policy managers on {table} using (true)",
        f"grant select on {table} to public; grant usage on schema {SCHEMA} to public",
        f"grant select (brid) on {table} to watcher",
        f"grant all on {table} to lead; grant create on schema {SCHEMA} to lead",
        f"update {table} set manager_brid = '3'",
        f"insert into {SCHEMA}.reader_keys values ('lead', 'reports', '1', '2020-01-01', null)",
        (
            f"drop policy own_keys on {SCHEMA}.reader_keys; "
            f"create policy own_keys on {SCHEMA}.reader_keys using (true)"
        ),
        (
            f"alter default privileges for role {PUBLISHER} in schema {SCHEMA} "
            "grant select on tables to public"
        ),
        f"drop table {table}",
        (
            f"create table {SCHEMA}.forgotten (brid text); grant all on {SCHEMA}.forgotten to lead;"
            f"alter table {SCHEMA}.forgotten owner to {PUBLISHER}"
        ),
    ):
        bank.server.sql(harm)
        bank.serve()
        assert brids(bank, "lead") == {"7"}, harm
        for login in ("nobody", "watcher"):
            with pytest.raises(NO_RIGHT):
                brids(bank, login)
        with pytest.raises((NO_RIGHT, psycopg.errors.UndefinedTable)):
            bank.rows("lead", f"select * from {SCHEMA}.forgotten")
        assert len(brids(bank, "auditor")) == len(MANAGERS)


@pytest.mark.parametrize(
    ("harm", "undo", "words"),
    [
        (
            f"create view {SCHEMA}.helpful as select * from {SCHEMA}.dim_employees",
            f"drop view {SCHEMA}.helpful",
            "is only for marts, but contains helpful",
        ),
        (
            f"create function {SCHEMA}.helpful() returns int language sql as 'select 1'",
            f"drop function {SCHEMA}.helpful()",
            "is only for marts, but contains helpful",
        ),
        (
            "alter role lead bypassrls",
            "alter role lead nobypassrls",
            "No row would be hidden from lead",
        ),
        *(
            (
                f"grant {role} to lead",
                f"revoke {role} from lead",
                "No row would be hidden from lead",
            )
            for role in (PUBLISHER, "postgres", "pg_read_server_files")
        ),
        *(
            (
                f"create role helper {attribute}; grant helper to lead",
                "drop role helper",
                "No row would be hidden from helper, lead|No row would be hidden from lead",
            )
            for attribute in ("bypassrls", "createrole", "replication", "superuser")
        ),
        (
            f"alter role {SCHEMA}_data_owners rename to others",
            f"alter role others rename to {SCHEMA}_data_owners",
            f"has no role {SCHEMA}_data_owners",
        ),
        (
            f"alter table {SCHEMA}.dim_employees owner to postgres",
            f"alter table {SCHEMA}.dim_employees owner to {PUBLISHER}",
            "contains dim_employees",
        ),
    ],
)
def test_what_would_open_a_way_around_stops_the_publication(
    bank: Bank, harm: str, undo: str, words: str
) -> None:
    bank.server.sql(harm)
    try:
        with pytest.raises(PersonaAccessError, match=words):
            bank.serve()
    finally:
        bank.server.sql(undo)
    bank.serve()


def test_a_reader_sees_one_release_whole_while_another_comes(bank: Bank, tmp_path: Path) -> None:
    smaller = write_release(tmp_path / "second", bank.marts, without="7")
    table, facts = f"{SCHEMA}.dim_employees", f"{SCHEMA}.fct_review_items"
    count = f"select (select count(*) from {table}), (select count(distinct brid) from {facts})"
    first = (len(MANAGERS), len(MANAGERS))
    seen = set()
    done = threading.Event()

    def watch() -> None:
        with bank.server.connect("auditor", autocommit=True) as connection:
            while not done.is_set():
                seen.update(connection.execute(count.encode()).fetchall())

    with bank.server.connect("auditor") as reader, bank.server.connect("boss") as manager:
        # A transaction that stays open: publishing would wait for it if it waited for anything.
        manager.execute(b"set transaction isolation level repeatable read")
        manager.execute(count.encode())
        reader.execute(b"set transaction isolation level repeatable read")
        # A snapshot, before any mart was touched.
        reader.execute(b"select 1 from pg_class limit 1")
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            bank.serve(release=smaller)
        finally:
            done.set()
            watcher.join()
        assert reader.execute(count.encode()).fetchall() == [first]
        assert manager.execute(f"select brid from {table} order by 1".encode()).fetchall() == [
            (brid,) for brid in ("3", "4", "7")
        ]
    second = (len(MANAGERS) - 1, len(MANAGERS) - 1)
    assert bank.rows("auditor", count) == [second]
    assert seen <= {first, second}
    # Nobody reports to 3 any more.
    assert brids(bank, "lead") == set()
    bank.serve()
    assert brids(bank, "lead") == {"7"}


def test_a_mart_that_changed_its_shape_or_readers_is_served_as_declared(
    bank: Bank, tmp_path: Path
) -> None:
    employees = bank.marts["dim_employees"]
    changed = dict(bank.marts)
    changed["dim_employees"] = replace(
        employees,
        audience={"auditors": "all"},
        columns={name: col for name, col in employees.columns.items() if name != "location"},
    )
    del changed["fct_hr_conflicts"]
    changed["fct_new"] = replace(bank.marts["fct_movements"], name="fct_new", audience={})
    bank.serve(release=write_release(tmp_path / "changed", changed))
    assert len(brids(bank, "auditor")) == len(MANAGERS)
    for login, query in (
        ("lead", "select brid from {s}.dim_employees"),
        ("auditor", "select * from {s}.fct_new"),
        ("boss", "select * from {s}.fct_new"),
    ):
        with pytest.raises(NO_RIGHT):
            bank.rows(login, query.format(s=SCHEMA))
    for gone in ("select location from {s}.dim_employees", "select * from {s}.fct_hr_conflicts"):
        with pytest.raises((psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable)):
            bank.rows("auditor", gone.format(s=SCHEMA))
    bank.serve()
    assert brids(bank, "lead") == {"7"}


def test_types_keys_and_descriptions_are_those_of_the_contracts(bank: Bank) -> None:
    rows = bank.rows(
        "postgres",
        "select relname, attname, format_type(atttypid, atttypmod), "
        "obj_description(attrelid, 'pg_class'), col_description(attrelid, attnum) "
        "from pg_attribute join pg_class on pg_class.oid = attrelid "
        f"where relnamespace = '{SCHEMA}'::regnamespace and relkind = 'r' and attnum > 0 "
        "and relname not in ('reader_keys', 'release')",
    )
    assert {
        (mart.name, column.name, mart.description, column.description)
        for mart in bank.marts.values()
        for column in mart.columns.values()
    } == {(mart, column, about, said) for mart, column, _, about, said in rows}
    types = {kind for _, _, kind, _, _ in rows}
    plain = {"text", "integer", "bigint", "boolean", "date", "timestamp without time zone"}
    assert types == plain | {kind for kind in types if kind.startswith("numeric(")}
    keyed = bank.rows(
        "postgres",
        "select distinct relname from pg_index join pg_class on pg_class.oid = indrelid "
        f"where relnamespace = '{SCHEMA}'::regnamespace and indisprimary",
    )
    assert {name for (name,) in keyed} == {
        mart.name
        for mart in bank.marts.values()
        if mart.key and set(map(str, mart.audience.values())) == {"all"}
    }


def test_a_release_that_is_not_as_published_is_not_served(bank: Bank, tmp_path: Path) -> None:
    release = write_release(tmp_path / "changed", bank.marts)
    file = release / "marts" / "dim_employees.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(
        MachineError, match=r"dim_employees\.parquet changed since it was published"
    ):
        bank.serve(release=release)


def test_a_failure_half_way_leaves_the_release_before(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise psycopg.errors.DiskFull("no space left")

    monkeypatch.setattr("persona_access.outputs.postgres.serve.give_keys", break_off)
    with pytest.raises(MachineError, match="still serves the previous release"):
        bank.serve()
    assert brids(bank, "lead") == {"7"}


def test_serving_is_recorded_also_when_tidying_up_fails(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("persona_access.outputs.postgres.serve.READER_KEYS", "no_such_table")
    monkeypatch.setattr("persona_access.outputs.postgres.serve._load", lambda *_, **__: None)
    bank.serve()
    assert "The release is served, but its tables were not vacuumed" in capsys.readouterr().err
    log = (bank.settings.home / "audit" / "log.jsonl").read_text().splitlines()
    assert '"serve"' in log[-1]
    assert f"bank.{SCHEMA}" in log[-1]


def test_the_commands_serve_what_they_published_and_what_is_in_force(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(_: object, releases: Releases, *__: object) -> Contents:
        with releases.new(WEEK, 8) as folder:
            shutil.copytree(bank.release, folder, dirs_exist_ok=True)
        return Contents(BUILD, bank.marts, {})

    monkeypatch.setattr("persona_access.outputs.publishing.publish._publish", publish)
    for name, value in bank.server.environment(PUBLISHER).items():
        monkeypatch.setenv(name, value)
    project = Project(ROOT, tmp_path / "home")

    def release_after(*command: str) -> str:
        result = project.run(*command)
        assert result.exit_code == 0, result.output
        ((name,),) = bank.rows("auditor", f"select release from {SCHEMA}.release")
        return str(name)

    assert project.run("serve").exit_code == 1
    masked = project.run("publish", "--postgres", "--masked")
    assert (masked.exit_code, "A masked release cannot be served" in masked.output) == (2, True)
    assert release_after("publish", "report", "--postgres") == f"{WEEK}_1"
    assert release_after("publish", "report", "--postgres") == f"{WEEK}_2"
    assert release_after("rollback", "--because", "a rehearsal") == f"{WEEK}_2"
    assert release_after("serve") == f"{WEEK}_1"
    # These settings name no logins.
    assert brids(bank, "lead") == set()
    bank.serve()


Environment = Callable[..., None]


@pytest.fixture
def network(bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    """Connect by TCP instead of the socket, with these of libpq's variables."""
    if not bank.server.has_tls:
        pytest.skip("the PostgreSQL of PyPI has no TLS: apt-get install postgresql")

    def choose(**variables: str) -> None:
        chosen = bank.server.environment(PUBLISHER) | {"PGHOST": "localhost"} | variables
        for name, value in chosen.items():
            monkeypatch.setenv(name, value)

    monkeypatch.setenv("HOME", str(tmp_path))
    return choose


def test_a_verified_server_is_served_over_the_network(bank: Bank, network: Environment) -> None:
    network(PGSSLROOTCERT=str(bank.server.certificate))
    serve_release(bank.settings, bank.release)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_no_setting_weakens_tls(
    bank: Bank, network: Environment, mode: str, tmp_path: Path
) -> None:
    network(PGSSLMODE=mode, PGSSLROOTCERT=str(bank.server.certificate))
    with pytest.raises(SettingsError, match=f"sslmode is '{mode}', which does not verify"):
        serve_release(bank.settings, bank.release)
    (tmp_path / "services").write_text(f"[bank]\nhost=localhost\nsslmode={mode}\n")
    environment = {"PGSERVICEFILE": str(tmp_path / "services"), "PGSERVICE": "bank"}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PGSSLMODE", "PGHOST"):
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        if mode == "prefer":
            # The default is the same word, and is replaced with a stronger one.
            assert secured(environment)["sslmode"] == "verify-full"
        else:
            with pytest.raises(SettingsError, match="does not verify"):
                secured(environment)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "cannot be verified"),
        ({"PGHOST": "127.0.0.1"}, "cannot be verified"),
        ({"PGPORT": "1"}, "cannot be reached"),
        ({"PGUSER": "with_password", "PGPASSWORD": WRONG}, "cannot be reached"),
        ({"PGDATABASE": "other"}, "cannot be reached"),
        ({"PGUSER": "nobody"}, "belongs to persona_access_dev_publisher"),
    ],
)
def test_a_server_that_refuses_is_one_sentence(
    bank: Bank, network: Environment, variables: dict[str, str], words: str
) -> None:
    trusted = {"PGSSLROOTCERT": str(bank.server.certificate)} if variables else {}
    network(**(trusted | variables))
    with pytest.raises(PersonaAccessError, match=words) as caught:
        serve_release(bank.settings, bank.release)
    assert "\n" not in str(caught.value)
    assert WRONG not in str(caught.value)


def test_the_committed_logins_are_sound() -> None:
    assert read_logins(ROOT / "logins" / "dev.csv")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,1,2026-01-01,,1,2026-01-01,Why.", "the login's own person must not approve it"),
        ("a,1,2026-01-01,,01,2026-01-01,Why.", "'01' is not a valid BRID as the marts write it"),
        ("a,B1,2026-01-01,,2,2026-01-01,Why.", "'B1' is not a valid BRID"),
        ("a,jdoe,2026-01-01,,JDOE,2026-01-01,Why.", "'jdoe' is not a valid BRID"),
        ("a,JDOE,2026-01-01,,JDOE,2026-01-01,Why.", "the login's own person must not approve it"),
        ("a,1,2026-01-01,,,2026-01-01,Why.", "'approved_by' is empty"),
        ("a,1,,,2,2026-01-01,Why.", "'valid_from' is empty"),
        ("a,1,01/02/2026,,2,2026-01-01,Why.", "write dates as"),
        ("a,1,2026-01-02,2026-01-01,2,2026-01-01,Why.", "is before"),
        (
            "a,1,2026-01-01,,2,2026-01-01,Why.\na,3,2026-01-01,,2,2026-01-01,Why.",
            "occurs twice",
        ),
        ("a,1", "'valid_from' is empty"),
        ("a,1,2026-01-01,,2,2999-01-01,Why.", "approved_on is in the future"),
        (f"{'é' * 32},1,2026-01-01,,2,2026-01-01,Why.", "longer than 63 bytes"),
    ],
)
def test_a_login_that_nobody_soundly_approved_is_refused(
    row: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "logins.csv"
    header = (ROOT / "logins" / "dev.csv").read_text().splitlines()[0]
    file.write_text(f"{header}\n{row}\n")
    with pytest.raises(SettingsError, match=words):
        read_logins(file)
    file.write_text("login,brid\na,1\n")
    with pytest.raises(SettingsError, match="the header must be"):
        read_logins(file)
    assert read_logins(tmp_path / "none.csv") == []


# Positions of rows, and views of others -----------------------------------------------------


def hidden_by_gaps(seen: list[tuple[str, int]], everybody: list[str]) -> tuple[int, int]:
    """Guess the hidden people between visible rows; return correct guesses, and all guesses.

    The attack uses a list in the order of the key, and the positions (ctid) of the reader's own
    rows. A row between two own rows must have a key between theirs.
    """
    n_right = n_guesses = 0
    for (name, place), (following, further) in pairwise(seen):
        between = [brid for brid in everybody if name < brid < following]
        if further - place - 1 == len(between) > 0:
            n_guesses += len(between)
            n_right += len(between)
        elif further - place != 1:
            n_guesses += 1
    return n_right, n_guesses


def places(bank: Bank, login: str) -> list[tuple[str, int]]:
    """Read the positions of the reader's own rows, in the order of the table."""
    query = f"select brid, ctid::text from {SCHEMA}.dim_employees"
    rows = [(brid, eval(place)) for brid, place in bank.rows(login, query)]  # noqa: S307
    return sorted(((brid, page * 1000 + line) for brid, (page, line) in rows), key=lambda r: r[1])


def test_where_a_row_lies_tells_nothing_of_its_neighbours(bank: Bank) -> None:
    everybody = sorted(MANAGERS)
    orders = set()
    for _ in range(6):
        bank.serve()
        seen = places(bank, "auditor")
        assert sorted(brid for brid, _ in seen) == everybody
        orders.add(tuple(brid for brid, _ in seen))
    # 12 people in one order by chance: once in 479 million releases.
    assert len(orders) == 6
    assert tuple(everybody) not in orders


def test_the_attack_finds_hidden_people_in_a_list_that_is_in_order(bank: Bank) -> None:
    everybody = sorted(MANAGERS)
    own = {"3", "4", "7"}
    in_order = [(brid, number) for number, brid in enumerate(everybody) if brid in own]
    n_right, n_guesses = hidden_by_gaps(in_order, everybody)
    assert (n_right, n_guesses) == (2, 2), "5 and 6, and with certainty"
    n_right = n_guesses = 0
    for _ in range(4):
        bank.serve()
        right, guesses = hidden_by_gaps(places(bank, "boss"), everybody)
        n_right, n_guesses = n_right + right, n_guesses + guesses
    assert n_right < max(4, n_guesses)


@pytest.fixture
def view(bank: Bank) -> Iterator[str]:
    """Let a reader keep a view on a mart, in the reader's own schema."""
    bank.server.sql("create schema auditing authorization auditor")
    with bank.server.connect("auditor", autocommit=True) as connection:
        connection.execute(
            f"create view auditing.mine as select brid from {SCHEMA}.dim_employees".encode()
        )
    yield "auditing.mine"
    bank.server.sql("drop schema if exists auditing cascade")


@pytest.mark.parametrize(
    "harm",
    [
        "alter table {t} disable row level security",
        "create policy all_of_it on {t} using (true)",
        "alter policy managers on {t} using (true)",
        "drop policy managers on {t}; create policy managers on {t} to {s}_managers using (true)",
    ],
)
def test_a_view_of_a_reader_keeps_nobody_from_restoring_row_rules(
    bank: Bank, view: str, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.server.sql(harm.format(t=f"{SCHEMA}.dim_employees", s=SCHEMA))
    bank.serve()
    assert brids(bank, "lead") == {"7"}
    assert len(bank.rows("auditor", f"select * from {view}")) == len(MANAGERS)
    assert "Row-level security on dim_employees was changed by hand" in "".join(capsys.readouterr())


def test_row_rules_are_restored_also_when_the_release_cannot_be_served(
    bank: Bank, tmp_path: Path, view: str
) -> None:
    bank.server.sql(f"alter table {SCHEMA}.fct_movements disable row level security")
    employees = bank.marts["dim_employees"]
    changed = dict(bank.marts)
    changed["dim_employees"] = replace(
        employees, columns={k: v for k, v in employees.columns.items() if k != "location"}
    )
    with pytest.raises(PersonaAccessError, match=rf"{view} of auditor \(on dim_employees\)"):
        bank.serve(release=write_release(tmp_path / "changed", changed))
    query = "select relrowsecurity from pg_class where oid = '{}.fct_movements'::regclass"
    assert bank.rows("auditor", query.format(SCHEMA)) == [(True,)]
    assert bank.rows("auditor", f"select release from {SCHEMA}.release") == [("first",)]


def test_views_are_dropped_when_it_is_asked_for(
    bank: Bank, view: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.serve()
    assert "expose" not in "".join(capsys.readouterr()), "a view for oneself lends nothing"
    bank.server.sql(f"grant select on {view} to nobody; grant usage on schema auditing to nobody")
    assert len(bank.rows("nobody", f"select * from {view}")) == len(MANAGERS)
    bank.serve()
    assert f"expose rows to others: {view} of auditor" in " ".join(
        "".join(capsys.readouterr()).split()
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bank.server.environment(PUBLISHER).items():
            patch.setenv(name, value)
        serve_release(bank.settings, bank.release, Output(), is_dropping_views=True)
    with pytest.raises(psycopg.errors.UndefinedTable):
        bank.rows("nobody", f"select * from {view}")
    assert brids(bank, "lead") == {"7"}
    assert len(brids(bank, "auditor")) == len(MANAGERS)


def test_an_idle_reader_makes_the_others_wait_for_a_moment_only(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "_N_TRIES", 3)
    bank.server.sql(f"alter policy managers on {SCHEMA}.dim_employees using (true)")
    waits: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with bank.server.connect("auditor", autocommit=True) as connection:
            while not done.is_set():
                started = time.monotonic()
                connection.execute(f"select count(*) from {SCHEMA}.dim_employees".encode())
                waits.append(time.monotonic() - started)

    with bank.server.connect("boss") as idle:
        idle.execute(f"select 1 from {SCHEMA}.dim_employees limit 1".encode())
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            with pytest.raises(MachineError, match="is in use"):
                bank.serve()
        finally:
            done.set()
            watcher.join()
    assert max(waits) < 5
    bank.serve()
    assert brids(bank, "lead") == {"7"}


@pytest.mark.parametrize(
    ("approver", "why"),
    [("999", "not employed"), ("8", "not employed"), ("7", "reports to the person it is for")],
)
def test_a_login_counts_only_while_its_approver_may_approve(
    bank: Bank, tmp_path: Path, approver: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logins = tmp_path / "logins.csv"
    header = (ROOT / "logins" / "dev.csv").read_text().splitlines()[0]
    logins.write_text(f"{header}\nlead,3,2020-01-01,,{approver},2020-01-01,Invented.\n")
    bank.serve(settings=bank.settings.model_copy(update={"logins": logins}))
    assert brids(bank, "lead") == set()
    assert why in " ".join("".join(capsys.readouterr()).split())
    bank.serve()
    assert brids(bank, "lead") == {"7"}


def test_a_group_is_nobodys_login(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    bank.server.sql("grant lead to watcher")
    bank.serve()
    assert "The login lead cannot read rows that depend on a person: it is a group" in " ".join(
        "".join(capsys.readouterr()).split()
    )
    assert brids(bank, "lead") == set()
    bank.server.sql("revoke lead from watcher")
    bank.serve()
    assert brids(bank, "lead") == {"7"}
