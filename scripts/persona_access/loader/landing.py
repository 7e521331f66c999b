"""Write accepted rows to the raw layer atomically."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import ATTRIBUTES, Contract
from persona_access.base.files import place
from persona_access.base.ledger import LedgerRecord
from persona_access.loader.codes import CODE_STATE
from persona_access.loader.reading import FAULTS, ROWS
from persona_access.loader.session import (
    Connection,
    columns_of,
    machine_faults_in_words,
    name,
)
from persona_access.loader.staging import write_parquet

# Columns that the loader adds to a feed, in this order.
_ADDED = {
    "load_id": "varchar",
    "file_name": "varchar",
    "file_sha256": "varchar",
    "row_number": "bigint",
    "loaded_at": "timestamp",
}
_ADDED_CODES = {CODE_STATE: "varchar"}
_WORK = ".work"
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
    "application_id": "varchar",
    "account_id": "varchar",
    "quarantined_part": "varchar",
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
        """The id of the load; it contains feed, date and version."""
        return f"{self.feed}_{self.extract_date}_v{self.version}"

    @property
    def folder(self) -> Path:
        """The folder of the rows, relative to the raw layer."""
        return Path(self.feed, f"extract_date={self.extract_date}", f"version={self.version}")


class RawLayer:
    """The folder of Parquet files that dbt reads."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(
        self, connection: Connection, contracts: Iterable[Contract], load_ids: set[str]
    ) -> None:
        """Remove leftovers of a killed run, and ensure that every glob of dbt matches a file."""
        quarantine = self.root / "quarantined_rows"
        for left in self.root.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        with self.work_folder() as work:
            for contract in contracts:
                self._sweep(contract.feed, load_ids)
                columns = {
                    **dict.fromkeys(contract.column_names, "varchar"),
                    **_ADDED,
                    **(_ADDED_CODES if contract.has_codes else {}),
                    **({ATTRIBUTES: "varchar"} if contract.has_attributes else {}),
                }
                folder = self.root / contract.feed / "extract_date=0001-01-01" / "version=0"
                self._ensure_empty(connection, work, folder / "rows.parquet", columns)
            self._ensure_empty(connection, work, quarantine / "_contract.parquet", _QUARANTINE)
        for parquet in quarantine.glob("*.parquet"):
            if parquet.stem not in load_ids and parquet.stem != "_contract":
                parquet.unlink()

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """Provide an empty folder for unfinished files, on the file system of the finished ones.

        Its name is new each time: a process that outlives a killed load cannot write into it.
        """
        work = self.root / f"{_WORK}{uuid.uuid4().hex[:12]}"
        work.mkdir(parents=True)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def publish(self, work: Path, landing: Landing, *, has_faults: bool) -> None:
        """Move the rows and their quarantine to their places; the ledger is written after this."""
        if has_faults:
            place(work / FAULTS, self.root / "quarantined_rows" / f"{landing.load_id}.parquet")
        place(work / ROWS, self.root / landing.folder / "rows.parquet")

    def rows_of(self, record: LedgerRecord) -> Path:
        """Return where the rows of a load are."""
        return (
            self.root
            / record.feed
            / f"extract_date={record.extract_date}"
            / f"version={record.version}"
            / "rows.parquet"
        )

    def _sweep(self, feed: str, load_ids: set[str]) -> None:
        for folder in (self.root / feed).glob("extract_date=*/version=*"):
            date = folder.parent.name.removeprefix("extract_date=")
            version = folder.name.removeprefix("version=")
            if f"{feed}_{date}_v{version}" not in load_ids and version != "0":
                shutil.rmtree(folder)

    @staticmethod
    def _ensure_empty(
        connection: Connection, work: Path, target: Path, columns: dict[str, str]
    ) -> None:
        if target.exists() and columns_of(connection, target) == list(columns):
            return
        nulls = ", ".join(f"null::{kind} as {name(column)}" for column, kind in columns.items())
        empty = work / "empty.parquet"
        with machine_faults_in_words():
            write_parquet(connection, f"select {nulls} where false", empty)
        place(empty, target)
