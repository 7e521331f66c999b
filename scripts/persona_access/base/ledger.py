"""The load ledger: one JSON record per file, written last; a file without one is not loaded."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from persona_access.base.errors import MachineError
from persona_access.base.files import write_atomically


@dataclass(frozen=True)
class LedgerRecord:
    """One accepted or refused file. Dates are ISO text, times UTC; counts exclude the header."""

    load_id: str
    feed: str
    extract_date: str | None
    version: int | None
    load_status: Literal["loaded", "rejected", "removed"]
    file_name: str
    file_sha256: str
    file_bytes: int
    n_rows_read: int | None
    n_rows_loaded: int
    n_rows_quarantined: int
    reason: str | None
    is_restatement: bool
    loaded_at: str
    loader_version: str
    # Records of release 0.1.0 do not have these.
    n_values_quarantined: int = 0
    # The source of a feed mapping, and the SHA-256 of that mapping; empty without one.
    source: str = ""
    mapping_sha256: str = ""
    # The sources of the feed when the file was loaded, and those that a week needs: `,one,other,`.
    # Empty if the feed has no mapping: then the feed is its own source, and a week needs it.
    feed_sources: str = ""
    required_sources: str = ""
    # The value that the source declared when the file was loaded; None: the project's vars apply.
    max_age_days: int | None = None
    max_shrink_share: float | None = None
    max_growth_share: float | None = None
    # Files of one load with the same date: their order is not known. Empty: unknown.
    batch: str = ""

    @property
    def source_name(self) -> str:
        """The source; without a mapping, this is the feed itself."""
        return self.source or self.feed

    @property
    def sources(self) -> dict[str, bool]:
        """The sources that the feed had at this load, and whether a week needs each."""
        if not self.feed_sources:
            return {self.source_name: True}
        required = set(self.required_sources.split(","))
        return {name: name in required for name in self.feed_sources.split(",") if name}


def counts_for(record: LedgerRecord, default: int) -> dt.timedelta:
    """Return for how many days weeks use the extract: as its source declared, else `default`."""
    return dt.timedelta(days=default if record.max_age_days is None else record.max_age_days)


class Ledger:
    """The records of a raw layer, read once and updated with each write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = {record.load_id: record for record in _read(folder)}

    def newest_date(self, feed: str) -> dt.date | None:
        """Return the newest extract date of the feed that was loaded."""
        dates = [record.extract_date for record in self.loaded(feed) if record.extract_date]
        return dt.date.fromisoformat(max(dates)) if dates else None

    def loaded(self, feed: str, extract_date: dt.date | None = None) -> list[LedgerRecord]:
        """Return the accepted files of a feed (and date), oldest version first."""
        records = (
            record
            for record in self._records.values()
            if record.load_status == "loaded"
            and record.feed == feed
            and extract_date in (None, _date(record))
        )
        return sorted(records, key=lambda record: (record.extract_date or "", record.version or 0))

    def current(self, feed: str, until: str) -> dict[str, LedgerRecord]:
        """Return the current load of each source of a feed on a day, written YYYY-MM-DD.

        The newest load lists the sources of the feed; a source that is not in the list no longer
        counts.
        """
        loads = [
            load for load in self.loaded(feed) if load.extract_date and load.extract_date <= until
        ]
        return {load.source_name: load for load in loads if load.source_name in loads[-1].sources}

    def all_loaded(self) -> list[LedgerRecord]:
        """Return the accepted files of all feeds."""
        return [record for record in self._records.values() if record.load_status == "loaded"]

    def refusal(self, file_name: str, sha256: str, reason: str) -> LedgerRecord | None:
        """Return the earlier refusal of the same content with the same name and reason, if any."""
        for record in self._records.values():
            if (record.load_status, record.file_name, record.file_sha256, record.reason) == (
                "rejected",
                file_name,
                sha256,
                reason,
            ):
                return record
        return None

    def next_refusal_id(self, feed: str, date_text: str) -> str:
        """Return an unused load_id for a refused file."""
        stem = f"{feed}_{date_text}_r"
        number = 1
        while f"{stem}{number}" in self._records:
            number += 1
        return f"{stem}{number}"

    def load_ids(self) -> set[str]:
        """Return the load_id of every accepted file."""
        return {record.load_id for record in self.all_loaded()}

    def write(self, record: LedgerRecord) -> None:
        """Write a record; from then on the file counts as loaded or refused."""
        text = json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n"
        write_atomically(self._folder / f"{record.load_id}.json", text)
        self._records[record.load_id] = record


def _date(record: LedgerRecord) -> dt.date | None:
    return dt.date.fromisoformat(record.extract_date) if record.extract_date else None


def _read(folder: Path) -> Iterable[LedgerRecord]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield LedgerRecord(**json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise MachineError(
                f"The ledger record {file} cannot be read ({error}): restore it from a backup; "
                "nothing was loaded."
            ) from error
