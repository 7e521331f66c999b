"""Attacks on the row rules that readers could try, each against a running server.

The reader `lead` can see only person 7. No attack shows or reveals another person, or blocks the
next release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.outputs.postgres.logins import read_logins
from scenarios.project import ROOT
from test_postgres import NO_RIGHT, PUBLISHER, SCHEMA, Bank, brids, serving_bank

TABLE, FACTS = f"{SCHEMA}.dim_employees", f"{SCHEMA}.fct_access_reconciliation"
Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Serve on the PostgreSQL of PyPI, which is newer than that of most machines."""
    with serving_bank(tmp_path_factory.mktemp("attacked"), is_installed_preferred=False) as found:
        yield found


@contextmanager
def reader(bank: Bank, login: str = "lead") -> Iterator[psycopg.Connection]:
    """Log in as a reader; each statement is a transaction."""
    with bank.server.connect(login, autocommit=True) as connection:
        yield connection


def ask(connection: psycopg.Connection, query: str) -> Rows:
    return connection.execute(query.format(t=TABLE, f=FACTS, s=SCHEMA).encode()).fetchall()


def do(connection: psycopg.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement.format(t=TABLE, f=FACTS, s=SCHEMA).encode())


def test_functions_and_tables_of_the_readers_own_schema_are_not_those_of_the_policy(
    bank: Bank,
) -> None:
    with reader(bank) as connection:
        do(
            connection,
            "create temp table reader_keys (login name, rule text, key text, valid_from date, "
            "valid_to date)",
            "insert into reader_keys values ('lead', 'reports', '1', '2020-01-01', null)",
            "create function pg_temp.pg_has_role(name, text) returns boolean language sql "
            "as 'select true'",
            "create function pg_temp.now() returns timestamptz language sql "
            "as $$select '2000-01-01'::timestamptz$$",
            "set search_path = pg_temp, pg_catalog, {s}",
        )
        assert ask(connection, "select brid from {t}") == [("7",)]
        assert ask(connection, "select key from {s}.reader_keys where rule = 'reports'") == [("7",)]


def test_a_search_path_that_somebody_set_does_not_reach_the_policies(bank: Bank) -> None:
    """The database owner puts a schema in which readers can create before pg_catalog."""
    bank.server.sql(
        "create schema helpers; grant all on schema helpers to public;"
        "alter database bank set search_path = helpers, pg_catalog, public"
    )
    try:
        with reader(bank) as connection:
            do(
                connection,
                "create function helpers.pg_has_role(name, text) returns boolean language sql "
                "as 'select true'",
                "create function helpers.now() returns timestamptz language sql immutable "
                "as $$select '2020-06-01'::timestamptz$$",
                "create function helpers.hashtext(text) returns int language plpgsql "
                "as $$begin raise exception 'never'; end$$",
            )
        bank.server.sql(f"drop table {TABLE}")
        bank.serve()
        resting_on_them = (
            "select objid from pg_depend join pg_proc on refobjid = pg_proc.oid "
            "where classid = 'pg_policy'::regclass and pronamespace = 'helpers'::regnamespace"
        )
        assert bank.rows("postgres", resting_on_them) == []
        assert brids(bank, "lead") == {"7"}
    finally:
        bank.server.sql("alter database bank reset search_path; drop schema helpers cascade")
        bank.serve()


def test_an_operator_of_ones_own_is_asked_of_visible_rows_alone(bank: Bank) -> None:
    with reader(bank) as connection:
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        do(
            connection,
            "create function pg_temp.spy(text, text) returns boolean language plpgsql "
            "cost 0.000001 as $$begin raise notice '%', $1; return true; end$$",
            "create operator pg_temp.=== (leftarg = text, rightarg = text, function = pg_temp.spy, "
            "restrict = eqsel, join = eqjoinsel)",
            "select from {t} where brid operator(pg_temp.===) 'x'",
            "select from {f} where brid operator(pg_temp.===) 'x' and brid = '1'",
            "select from {f} as one join {t} as other on one.brid operator(pg_temp.===) other.brid",
            "create domain pg_temp.watched as text check (pg_temp.spy(value, value))",
            "select brid::pg_temp.watched from {t}",
            "create aggregate pg_temp.listen (text) (sfunc = textcat, stype = text)",
            "select pg_temp.listen(brid) from {t} having pg_temp.spy(max(brid), '')",
        )
        assert set(told) == {"7"}
        with pytest.raises(NO_RIGHT, match="leakproof"):
            do(connection, "alter function pg_temp.spy(text, text) leakproof")


ERRORS = [
    "select from {t} where 1 / (brid::int - 1) > 0",
    "select from {t} where case when brid = '1' then 1 / (length(brid) - 1) end is null",
    "select from {t} where cast(case when brid = '1' then 'x' else '1' end as int) = 1",
    "select from {t} where exists (select where 1 / (brid::int - 2) > 0)",
    "select from {t} where (case brid when '1' then '{{' else '{{}}' end)::jsonb is null",
    "select from {t} where 'x' ~ case brid when '1' then '(' else 'x' end",
    "select from {t} group by brid having 1 / (brid::int - 1) > 0",
    "select 1 / (brid::int - 1) from {t} order by 1 / (brid::int - 2)",
    "select sum(1 / (brid::int - 1)) over (order by 1 / (brid::int - 3)) from {t}",
    "select from {t} limit (select count(*) / (1 - count(*) filter (where brid = '1')) from {t})",
    "select from {t} as one, lateral (select 1 / (one.brid::int - 1)) as other",
    "select from {t} tablesample bernoulli (100) where 1 / (brid::int - 1) > 0",
    "select from {t} where ctid in (select ctid from {t} where 1 / (brid::int - 1) > 0)",
]


@pytest.mark.parametrize("query", ERRORS)
def test_no_error_tells_of_a_hidden_person(bank: Bank, query: str) -> None:
    with reader(bank) as connection:
        do(connection, query)


@pytest.mark.parametrize("setting", ["force_generic_plan", "force_custom_plan"])
def test_a_prepared_statement_follows_the_role(bank: Bank, setting: str) -> None:
    bank.server.sql("create role pool login noinherit; grant boss, lead to pool")
    try:
        with reader(bank, "pool") as connection:
            do(
                connection,
                f"set plan_cache_mode = {setting}",
                "set role boss",
                "prepare asked as select brid from {t} order by 1",
            )
            for _ in range(7):
                assert len(ask(connection, "execute asked")) == 3
            do(connection, "set role lead")
            assert ask(connection, "execute asked") == [("7",)]
            do(connection, "reset role")
            with pytest.raises(NO_RIGHT):
                ask(connection, "execute asked")
    finally:
        bank.server.sql("drop role pool")


EXPLAIN = "explain (analyze, buffers, costs off, timing off, summary off)"
PLANS = [
    ("{explain} select from {f} where brid = '{who}' and application_id = 'vault'"),
    ("{explain} select from (values ('{who}')) as g (b) join {f} on brid = b"),
    (
        "{explain} select from {t} as one join {f} as other "
        "on one.brid = other.brid and other.brid = '{who}'"
    ),
    ("{explain} select count(*) filter (where brid = '{who}') from {f}"),
    "explain select from {f} where brid = '{who}' group by application_id",
    "explain select from {f} where brid like '{who}%' or application_id = '{who}'",
    "explain select distinct brid from {f} where brid < '{who}'",
]


@pytest.mark.parametrize("query", PLANS)
@pytest.mark.parametrize("method", ["hash", "nested"])
def test_no_plan_differs_for_a_hidden_person(bank: Bank, query: str, method: str) -> None:
    """1 exists but is hidden; 0 does not exist, and has the same length."""
    with reader(bank) as connection:
        do(
            connection,
            f"set enable_hashjoin = {'on' if method == 'hash' else 'off'}",
            "set enable_mergejoin = off",
        )
        queries = {
            who: query.replace("{explain}", EXPLAIN).replace("{who}", who) for who in ("1", "0")
        }
        # Run once before: the first read comes from the disk.
        for asked in queries.values():
            ask(connection, asked)
        plans = {
            str(ask(connection, asked)).replace(f"'{who}", "'") for who, asked in queries.items()
        }
    assert len(plans) == 1


REFUSED = [
    "create statistics pg_temp.spied on brid, manager_brid from {t}",
    "create index on {t} (brid)",
    "create temp table referring (brid text references {t})",
    "create table public.referring (brid text)",
    "insert into {t} (brid) values ('1') on conflict do nothing",
    (
        "merge into {t} as known using (values ('1')) as guess (brid) on known.brid = guess.brid "
        "when matched then do nothing when not matched then insert (brid) values ('1')"
    ),
    "begin; lock table {t} in share mode",
    "create event trigger spying on ddl_command_end execute function pg_temp.f()",
    "create extension dblink",
    "create publication everything for table {t}",
    "create subscription theirs connection 'host=x' publication everything",
    "select pg_read_file('postgresql.conf')",
    "select pg_ls_dir('.')",
    "select * from pg_hba_file_rules",
    "select * from pg_largeobject",
    "select lo_export(lo_create(0), '/tmp/persona_access_stolen')",
    "set session_replication_role = replica",
    "set role none; set role {s}_managers; set role boss",
    "alter default privileges for role {s}_publisher grant select on tables to lead",
    "alter table {t} no force row level security",
    "alter policy managers on {t} using (true)",
    "comment on schema {s} is 'mine'",
    "security label on table {t} is 'x'",
    "reassign owned by {s}_publisher to lead",
    "select pg_create_physical_replication_slot('theirs', true)",
    "select pg_create_logical_replication_slot('theirs', 'test_decoding')",
    "set session authorization boss",
    "alter role boss set search_path = public",
    "alter system set row_security = off",
    "select pg_cancel_backend(pid) from pg_stat_activity where usename = 'postgres'",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_a_reader_has_no_right_to_is_refused(bank: Bank, statement: str) -> None:
    refused = (
        NO_RIGHT,
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.InvalidTableDefinition,
        psycopg.errors.UndefinedFunction,
        psycopg.errors.InvalidParameterValue,
    )
    with reader(bank) as connection, bank.server.connect("postgres"), pytest.raises(refused):
        do(connection, *statement.split("; "))
    assert brids(bank, "lead") == {"7"}


def test_what_the_server_tells_of_itself_names_no_hidden_person(bank: Bank) -> None:
    with reader(bank, "boss") as other, reader(bank) as connection:
        do(other, "select count(*) from {t} where brid = 'Zq7'")
        seen = "".join(
            str(ask(connection, f"select * from {view}"))
            for view in (
                "pg_stat_activity", "pg_locks", "pg_stat_user_tables", "pg_statio_user_tables",
                "pg_stats", "pg_stats_ext", "pg_policies", "pg_prepared_statements", "pg_cursors",
                "pg_stat_progress_copy", "pg_stat_user_functions", "pg_settings",
            )
        )  # fmt: skip
    assert "Zq7" not in seen
    assert "it''s" not in seen
    with reader(bank) as connection:
        # All rows were loaded in one transaction: nothing shows which belong together.
        assert len(ask(connection, "select distinct xmin, xmax, cmax from {t}")) == 1
        toast = ask(
            connection,
            "select reltoastrelid::regclass::text from pg_class where oid = '{t}'::regclass",
        )
        with pytest.raises(NO_RIGHT):
            ask(connection, f"select * from {toast[0][0]}")


def test_no_lock_of_a_reader_keeps_the_next_release_from_being_served(bank: Bank) -> None:
    """Anybody can hold an advisory lock, even one whose name they read in the code."""
    with reader(bank) as connection, bank.server.connect("lead") as idle:
        do(connection, f"select pg_advisory_lock(hashtext('{SCHEMA}'))")
        do(idle, "lock table {t} in access share mode")
        bank.serve()
    assert brids(bank, "lead") == {"7"}


def test_two_publications_at_once_end_in_a_sentence(bank: Bank) -> None:
    with bank.server.connect(PUBLISHER) as other:
        do(other, "comment on schema {s} is 'at work'")
        with pytest.raises(MachineError, match="Another process is publishing"):
            bank.serve()
    bank.serve()


def test_a_function_that_lends_rows_is_named(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.server.sql("create schema lending authorization auditor")
    try:
        with reader(bank, "auditor") as connection:
            do(
                connection,
                "create function lending.everybody() returns setof text language sql "
                "security definer begin atomic select brid from {t}; end",
            )
        bank.serve()
        said = " ".join("".join(capsys.readouterr()).split())
        assert "lending.everybody() of auditor" in said
    finally:
        bank.server.sql("drop schema lending cascade")


@pytest.mark.parametrize("attribute", ["bypassrls", "replication", "createrole"])
def test_a_role_that_may_be_taken_on_later_stops_the_publication(
    bank: Bank, attribute: str
) -> None:
    """Not inherited, and not a member yet: with the right to grant it, readers become members."""
    bank.server.sql(f"create role later {attribute}; grant later to lead with admin option")
    try:
        with pytest.raises(PersonaAccessError, match="No row would be hidden from"):
            bank.serve()
    finally:
        bank.server.sql("drop role later")
    bank.serve()


def test_a_login_that_looks_like_another_is_another(bank: Bank) -> None:
    """A Cyrillic letter in `boss`: an administrator made it, and nobody listed it."""
    bank.server.sql(f'create role "b\u043ess" login; grant {SCHEMA}_managers to "b\u043ess"')
    try:
        assert brids(bank, "b\u043ess") == set()
        with reader(bank) as connection:
            assert ask(connection, "select 1 where 'b\u043ess'::name = 'boss'::name") == []
    finally:
        bank.server.sql('drop role "b\u043ess"')


@pytest.mark.parametrize(
    "login", ["b\u043ess", "boss\u200b", "bos\u017f", "\uff42oss", "bo\u0301ss"]
)
def test_a_login_that_cannot_be_told_from_another_is_refused(login: str, tmp_path: Path) -> None:
    file = tmp_path / "logins.csv"
    header = (ROOT / "logins" / "dev.csv").read_text().splitlines()[0]
    file.write_text(f"{header}\n{login},1,2026-01-01,,2,2026-01-01,Why.\n", "utf-8")
    with pytest.raises(SettingsError, match="can be confused with another"):
        read_logins(file)
    file.write_text(f"{header}\njosé.müller@bank,1,2026-01-01,,2,2026-01-01,Why.\n", "utf-8")
    assert read_logins(file)


def test_no_notification_reaches_a_reader(bank: Bank) -> None:
    """No table sends notifications, and notifications of readers delay nobody."""
    with reader(bank) as listener, bank.server.connect("lead") as idle:
        do(listener, "listen {s}", "listen raw", "listen published", "listen dim_employees")
        do(idle, "listen spy", "notify spy, 'x'")
        bank.serve()
        assert list(listener.notifies(timeout=0.2)) == []
    assert brids(bank, "lead") == {"7"}


@pytest.mark.parametrize(
    "query",
    [
        "copy {t} to stdout",
        "copy (select * from {t}) to stdout",
        "copy (table {t}) to stdout",
        "copy (select row_to_json(one) from {t} as one) to stdout",
        "copy (select xmlforest(brid) from {t}) to stdout",
        "copy (select query_to_xml('select * from {t}', true, false, '')) to stdout",
    ],
)
def test_what_is_copied_out_is_ones_own(bank: Bank, query: str) -> None:
    with reader(bank) as connection, connection.cursor() as cursor:
        try:
            with cursor.copy(query.format(t=TABLE).encode()) as copied:
                text = b"".join(bytes(block) for block in copied).decode()
        except psycopg.errors.FeatureNotSupported:
            return
    assert len(bank.rows("postgres", f"select brid from {TABLE}")) > 1
    # A document has one element for each row, other formats one line.
    assert text.count("<brid>") == 1 or len(text.splitlines()) == 1
    assert "7" in re.split(r"[^0-9A-Za-z]+", text)


def test_a_cursor_that_outlives_its_role_gives_nothing_to_the_next(bank: Bank) -> None:
    bank.server.sql("create role pool login noinherit; grant boss, lead to pool")
    try:
        with reader(bank, "pool") as connection:
            do(
                connection,
                "set role lead",
                "declare kept cursor with hold for select brid from {t}",
                "set role boss",
            )
            # It was opened as `lead` and stays theirs, whatever role continues reading.
            assert ask(connection, "fetch all from kept") == [("7",)]
    finally:
        bank.server.sql("drop role pool")


def test_a_snapshot_of_somebody_else_shows_no_row_of_theirs(bank: Bank) -> None:
    with bank.server.connect("boss") as boss, bank.server.connect("lead") as lead:
        boss.execute("set transaction isolation level repeatable read")
        ((snapshot,),) = ask(boss, "select pg_export_snapshot()")
        lead.execute("set transaction isolation level repeatable read")
        lead.execute(f"set transaction snapshot '{snapshot}'".encode())
        assert ask(lead, "select brid from {t}") == [("7",)]


def test_row_security_switched_off_by_a_reader_ends_in_an_error(bank: Bank) -> None:
    bank.server.sql("alter role lead set row_security = off")
    try:
        with reader(bank) as connection, pytest.raises(NO_RIGHT, match="row-level security"):
            ask(connection, "select brid from {t}")
    finally:
        bank.server.sql("alter role lead reset row_security")
