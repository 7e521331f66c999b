"""Write accepted rows to the raw layer atomically."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.encryption import landed
from persona_access.base.files import place
from persona_access.loader.session import (
    Connection,
    file,
    machine_faults_in_words,
    name,
    text,
)
from persona_access.loader.staging import Staged, write_parquet

# What the loader adds to the columns of a feed, in this order.
_ADDED = {
    "load_id": "varchar",
    "file_name": "varchar",
    "file_sha256": "varchar",
    "row_number": "bigint",
    "loaded_at": "timestamp",
}
_QUARANTINE = {
    "load_id": "varchar",
    "feed": "varchar",
    "extract_date": "date",
    "version": "bigint",
    "file_name": "varchar",
    "row_number": "bigint",
    "column_name": "varchar",
    "value": "varchar",
    "reason": "varchar",
    "message": "varchar",
    "brid": "varchar",
    "raw_line": "varchar",
}


@dataclass(frozen=True)
class Landing:
    """The place and name of one delivery in the raw layer."""

    feed: str
    extract_date: dt.date
    version: int
    file_name: str

    @property
    def load_id(self) -> str:
        """The name of the load; it says feed, date and version."""
        return f"{self.feed}_{self.extract_date}_v{self.version}"

    @property
    def folder(self) -> Path:
        """The folder of the rows, relative to the raw layer."""
        return Path(self.feed, f"extract_date={self.extract_date}", f"version={self.version}")


class RawLayer:
    """The folder of Parquet files that dbt reads."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def work(self) -> Path:
        """A folder for unfinished files, on the same file system as the finished ones."""
        return self.root / ".work"

    def prepare(
        self, connection: Connection, contracts: Iterable[Contract], load_ids: set[str]
    ) -> None:
        """Remove what a killed run left, and make sure that every glob of dbt matches a file."""
        quarantine = self.root / "quarantined_rows"
        with self.work_folder():
            for contract in contracts:
                self._sweep(contract.feed, load_ids)
                columns = {**dict.fromkeys(contract.column_names, "varchar"), **_ADDED}
                folder = self.root / contract.feed / "extract_date=0001-01-01" / "version=0"
                self._ensure_empty(connection, folder / "rows.parquet", columns)
            self._ensure_empty(connection, quarantine / "_contract.parquet", _QUARANTINE)
        for parquet in quarantine.glob("*.parquet"):
            if parquet.stem not in load_ids and parquet.stem != "_contract":
                parquet.unlink()

    @contextmanager
    def work_folder(self) -> Iterator[None]:
        """Create an empty work folder, and remove it at the end."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        try:
            yield
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def publish(
        self, connection: Connection, staged: Staged, landing: Landing, *, n_bad: int
    ) -> int:
        """Move the rows and their quarantine to their places; the ledger comes after this.

        Returns the number of rows loaded.
        """
        rows, n_loaded = staged.parquet, staged.n_rows
        with machine_faults_in_words():
            if n_bad > 0:
                self._publish_faults(connection, landing)
            if n_bad > staged.n_bad_before:
                rows = self.work / "rows.parquet"
                n_loaded = write_parquet(
                    connection,
                    f"select * from {landed(file(staged.parquet))} "  # noqa: S608
                    "where row_number not in (select row_number from faults)",
                    rows,
                )
        place(rows, self.root / landing.folder / "rows.parquet")
        return n_loaded

    def _publish_faults(self, connection: Connection, landing: Landing) -> None:
        parquet = self.work / "faults.parquet"
        write_parquet(
            connection,
            f"""
            select
                {text(landing.load_id)} as load_id,
                {text(landing.feed)} as feed,
                date {text(landing.extract_date)} as extract_date,
                {landing.version}::bigint as version,
                {text(landing.file_name)} as file_name,
                row_number, column_name, value, reason, message, brid, raw_line
            from faults
            order by row_number
            """,  # noqa: S608 - literals are escaped
            parquet,
        )
        place(parquet, self.root / "quarantined_rows" / f"{landing.load_id}.parquet")

    def _sweep(self, feed: str, load_ids: set[str]) -> None:
        for folder in (self.root / feed).glob("extract_date=*/version=*"):
            date = folder.parent.name.removeprefix("extract_date=")
            version = folder.name.removeprefix("version=")
            if f"{feed}_{date}_v{version}" not in load_ids and version != "0":
                shutil.rmtree(folder)

    def _ensure_empty(self, connection: Connection, target: Path, columns: dict[str, str]) -> None:
        if target.exists() and _columns_of(connection, target) == list(columns):
            return
        nulls = ", ".join(f"null::{kind} as {name(column)}" for column, kind in columns.items())
        empty = self.work / "empty.parquet"
        with machine_faults_in_words():
            write_parquet(connection, f"select {nulls} where false", empty)
        place(empty, target)


def _columns_of(connection: Connection, parquet: Path) -> list[str]:
    described = connection.execute(f"describe from {landed(file(parquet))}").fetchall()
    return [str(row[0]) for row in described]
