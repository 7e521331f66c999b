"""A home folder under test: drop files, run the loader's command line, look at the result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from typer.testing import CliRunner

from persona_access.commands.main import app


@dataclass(frozen=True)
class LoadResult:
    """The result of one run of the loader."""

    exit_code: int
    document: dict[str, Any]

    @property
    def files(self) -> list[dict[str, Any]]:
        """Every file of the run."""
        return list(self.document["files"])

    @property
    def only(self) -> dict[str, Any]:
        """The one file of the run."""
        (found,) = self.files
        return dict(found)


@dataclass(frozen=True)
class Home:
    """A home folder with helpers to load and query."""

    path: Path

    def __post_init__(self) -> None:
        self.drop_zone.mkdir(parents=True)

    @property
    def drop_zone(self) -> Path:
        """Where files arrive."""
        return self.path / "drop"

    @property
    def raw(self) -> Path:
        """The raw layer."""
        return self.path / "raw"

    def drop(self, name: str, content: bytes | str) -> Path:
        """Put a file into the drop zone."""
        file = self.drop_zone / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def run(self, *options: str) -> tuple[int, str, str]:
        """Run `persona-access load` in this process; returns exit code, stdout and stderr."""
        arguments = ["load", "--home", str(self.path), "--settle-seconds", "0", *options]
        # The values of rows stay as they are, for tests that look at them.
        result = CliRunner().invoke(app, arguments, env={"PERSONA_ACCESS_LOG_PEOPLE": "true"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise AssertionError("the loader gave a traceback") from result.exception
        return result.exit_code, result.stdout, result.stderr

    def load(self, *options: str) -> LoadResult:
        """Run the loader with --json."""
        exit_code, stdout, _ = self.run("--json", *options)
        return LoadResult(exit_code, json.loads(stdout))

    def load_one(self, name: str, content: bytes | str, *options: str) -> dict[str, Any]:
        """Drop one file, load, and return its outcome."""
        self.drop(name, content)
        return self.load(*options).only

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run SQL with {raw} for the path of the raw layer."""
        return _CONNECTION.execute(sql.format(raw=self.raw)).fetchall()

    def rows(self, feed: str, columns: str = "* exclude (loaded_at)") -> list[tuple[Any, ...]]:
        """Read the landed rows of a feed in order."""
        return self.query(
            f"select {columns} from read_parquet('{{raw}}/{feed}/*/*/rows.parquet', "
            "hive_partitioning = true, hive_types = {{extract_date: date, version: bigint}}) "
            "order by extract_date, version, row_number"
        )

    def quarantine(self, columns: str = "*") -> list[tuple[Any, ...]]:
        """Read the quarantined rows in order."""
        return self.query(
            f"select {columns} from read_parquet('{{raw}}/quarantined_rows/*.parquet') "
            "order by load_id, row_number"
        )

    def ledger(self) -> dict[str, dict[str, Any]]:
        """Read the load ledger by load_id."""
        return {
            file.stem: json.loads(file.read_text())
            for file in (self.raw / "load_ledger").glob("*.json")
        }


_CONNECTION = duckdb.connect()

MEMBERS = "persona_members_2026-11-16.csv"


def members(n_rows: int, *, first: int = 1) -> str:
    """Rows of invented people, without the header."""
    return "".join(f"X{at:05},persona-{at % 3}\n" for at in range(first, first + n_rows))


def members_file(*lines: str, n_rows: int = 30) -> str:
    """Return a file with the given lines from line 2 on, followed by good rows."""
    return "brid,persona_id\n" + "".join(f"{line}\n" for line in lines) + members(n_rows)
