"""The recorded inputs of each built week, and the current ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from persona_access.base.contracts import read_contracts
from persona_access.base.git import git_output
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.queries import Record, ask, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.warehouse import reading

NEWEST_BUILDS = statement(__package__, "newest_builds")
INPUTS = statement(__package__, "inputs_of_build")


@dataclass(frozen=True)
class Build:
    """The newest build of a week, and its inputs: rows of runs.week_inputs."""

    invocation_id: str
    is_complete: bool
    inputs: list[Record] = field(default_factory=list)

    @property
    def files(self) -> dict[str, str]:
        """The load ids of the files by feed, or `feed/source`; empty if nothing was recorded.

        If a feed has several files, each has its own load id as key.
        """
        return _by_feed([(row["input_name"], row["input_value"]) for row in self._of("file")])

    @property
    def decisions(self) -> dict[str, str]:
        """The SHA-256 of each seed by file name; empty if nothing was recorded."""
        return {row["input_name"]: row["sha256"] for row in self._of("decisions")}

    @property
    def mappings(self) -> dict[str, str]:
        """The SHA-256 of each feed mapping with which the files were read, by source."""
        return {row["input_name"]: row["sha256"] for row in self._of("mapping")}

    @property
    def commit(self) -> str:
        """The commit of the project; empty if unknown."""
        (commit,) = [r["input_value"] for r in self._of("run") if r["input_name"] == "commit"] or [
            ""
        ]
        return str(commit or "").removesuffix("-dirty")

    def _of(self, kind: str) -> list[Record]:
        return [row for row in self.inputs if row["input_kind"] == kind]


def builds_of_weeks(warehouse: Path) -> dict[date, Build]:
    """Return the newest build of every week, successful or not, oldest week first."""
    if not warehouse.is_file():
        return {}
    with reading(warehouse) as connection:
        tables = {
            row["table_name"]
            for row in ask(connection, "from duckdb_tables() where schema_name = 'runs'")
        }
        if "week_builds" not in tables:
            return {}
        return {
            row["as_of_date"]: Build(
                row["invocation_id"],
                row["is_complete"],
                ask(connection, INPUTS, {"invocation_id": row["invocation_id"]})
                if "week_inputs" in tables
                else [],
            )
            for row in ask(connection, NEWEST_BUILDS)
        }


def seed_of_build(settings: Settings, build: Build, name: str) -> bytes | None:
    """Return a seed as a build read it, from the folder or from the commit of the build.

    None if neither has the recorded SHA-256.
    """
    file = settings.seeds / name
    content = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(content).hexdigest() == build.decisions[name]:
        return content
    then = git_output(settings.seeds, "show", f"{build.commit}:./{name}") if build.commit else None
    content = (then or "").encode()
    return content if hashlib.sha256(content).hexdigest() == build.decisions[name] else None


def newest_week_held(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the newest week in a table, including a week whose build did not finish."""
    tables = ask(connection, statement(__package__, "tables_by_week"))
    weeks = " union all ".join(
        f"select max(as_of_date)::date as week from {table['relation']}"  # noqa: S608
        for table in tables
    )
    if not weeks:
        return None
    (found,) = ask(connection, f"select max(week) as newest from ({weeks})")  # noqa: S608
    newest: date | None = found["newest"]
    return newest


def recorded_mart_hashes(warehouse: Path, invocation_id: str) -> dict[str, str]:
    """Return the rows and content hash of each mart in a build: `n_rows:content_hash`."""
    with reading(warehouse) as connection:
        try:
            rows = select(
                connection,
                "runs.mart_hashes",
                ["mart_name", "n_rows", "content_hash"],
                "where invocation_id = $invocation_id order by mart_name",
                {"invocation_id": invocation_id},
            )
        except duckdb.CatalogException:
            return {}
    return {row["mart_name"]: f"{row['n_rows']}:{row['content_hash']}" for row in rows}


def _by_feed(files: list[tuple[str, str]]) -> dict[str, str]:
    several = {feed for feed, n in Counter(feed for feed, _ in files).items() if n > 1}
    return {load_id if feed in several else feed: load_id for feed, load_id in files}


def current_files(
    settings: Settings, weeks: list[date], complete: list[date]
) -> dict[date, dict[str, str]]:
    """Return the files of each week by feed, or by `feed/source`, as inputs are named.

    A week uses the newest version of the newest date of each source. For a feed that accumulates,
    it uses all files since the previous week of the `complete` weeks. The macro `fix_week` has the
    same definition.
    """
    ledger = Ledger(settings.raw / "load_ledger")
    contracts = read_contracts(settings.models).values()
    found = {}
    for week in weeks:
        before = max((other for other in complete if other < week), default=date.min)
        files: list[tuple[str, str]] = []
        for contract in contracts:
            chosen = (
                [
                    record
                    for record in ledger.loaded(contract.feed)
                    if before.isoformat() < (record.extract_date or "") <= week.isoformat()
                ]
                if contract.accumulates
                else list(ledger.current(contract.feed, week.isoformat()).values())
            )
            files += [(input_name(record), record.load_id) for record in chosen]
        found[week] = _by_feed(files)
    return found


def input_name(record: LedgerRecord) -> str:
    """Return the name of a load among the inputs of a week, as in the macro `file_inputs`."""
    is_own = record.source_name == record.feed
    return record.feed if is_own else f"{record.feed}/{record.source_name}"
