"""Create mappings for unknown files: propose, test on the whole file, show, and write."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from persona_access.base.contracts import ATTRIBUTES, Contract
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.base.ledger import Ledger
from persona_access.base.names import suffix_of
from persona_access.base.settings import Settings
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.feed_mappings.likeness import kind_of, normalise_key
from persona_access.loader.landing import RawLayer
from persona_access.loader.onboarding.proposal import (
    Proposal,
    TableSample,
    known_values,
    propose,
    read_table,
)
from persona_access.loader.reader import read_apart
from persona_access.loader.reading import ROWS, Job, Read
from persona_access.loader.session import Connection, open_session
from persona_access.loader.session import file as sql_file
from persona_access.loader.session import name as sql_name
from persona_access.loader.staging import Provenance

_PREVIEW_ROWS = 10


@dataclass(frozen=True)
class Preview:
    """The result of a mapping for a whole file; `rows` are the first rows, by contract column."""

    n_rows: int
    n_loaded: int
    rows: list[dict[str, str | None]]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def read_tables(files: Sequence[Path]) -> tuple[list[TableSample], dict[Path, str]]:
    """Find the table of each file; also return the reason for each file without one."""
    tables, refused = [], {}
    for file in files:
        try:
            tables.append(read_table(file))
        except RefusalError as error:
            refused[file] = str(error)
    return tables, refused


def propose_all(
    tables: Sequence[TableSample], contracts: Mapping[str, Contract], known: Mapping[str, set[str]]
) -> list[tuple[TableSample, Proposal]]:
    """Propose a mapping for each file; certain values of one help to recognise the others."""
    sure: list[dict[str, set[str]]] = [{} for _ in tables]
    proposals: list[Proposal] = []
    for _ in range(2):
        proposals = []
        for number, table in enumerate(tables):
            others = [found for position, found in enumerate(sure) if position != number]
            proposals.append(propose(table, contracts, _united(known, *others)))
        sure = [known_values(found, table) for found, table in zip(proposals, tables, strict=True)]
    return list(zip(tables, proposals, strict=True))


def known_identifiers(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, set[str]]:
    """Return the identifiers of the newest extract of each feed, by kind."""
    ledger = Ledger(settings.raw / "load_ledger")
    known: dict[str, set[str]] = {}
    with open_session(memory_limit=settings.memory_limit, spill=settings.raw / ".spill") as session:
        for feed, contract in contracts.items():
            loads = ledger.loaded(feed)
            if not loads:
                continue
            rows = landed(sql_file(RawLayer(settings.raw).rows_of(loads[-1])))
            for column in contract.column_names:
                # Only the headcount shows which BRIDs exist.
                if not kind_of(column) or (column.endswith("brid") and feed != "hr_headcount"):
                    continue
                query = f"select distinct {sql_name(column)} from {rows}"  # noqa: S608
                values = (row[0] for row in session.execute(query).fetchall())
                known.setdefault(kind_of(column), set()).update(
                    normalise_key(value) for value in values if value
                )
    return known


def preview(settings: Settings, file: Path, mapping: FeedMapping, contract: Contract) -> Preview:
    """Read the whole file with a mapping, without loading it.

    Raises RefusalError if a load would refuse the file.
    """
    with reading_trial(settings, file, mapping, contract) as (read, session, relation):
        columns = ", ".join(
            sql_name(column)
            for column in (*contract.column_names, ATTRIBUTES)
            if column in mapping.columns
            or (column == ATTRIBUTES and mapping.attributes)
            or (mapping.unpivot and column in (mapping.unpivot.name_to, mapping.unpivot.value_to))
        )
        found = session.execute(f"select {columns} from {relation} limit {_PREVIEW_ROWS}")  # noqa: S608
        names = [str(column[0]) for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return Preview(read.n_rows_read, read.n_rows_loaded, rows, read.faults, read.notes)


@contextmanager
def reading_trial(
    settings: Settings, file: Path, mapping: FeedMapping, contract: Contract
) -> Iterator[tuple[Read, Connection, str]]:
    """Read a whole file with a mapping, outside the raw layer; yield SQL for its rows.

    Raises RefusalError if a load would refuse the file.
    """
    with TemporaryDirectory() as folder:
        work = Path(folder)
        read = read_apart(
            Job(
                path=file,
                suffix=suffix_of(file.name),
                contract=contract,
                provenance=Provenance("preview", file.name, "", dt.datetime.now(dt.UTC)),
                extract_date=dt.datetime.now(dt.UTC).date(),
                work=work,
                spill=work,
                memory_limit=settings.memory_limit,
                max_expanded_bytes=settings.max_expanded_bytes,
                identities=settings.age_identities,
                mapping=mapping,
            )
        )
        with open_session(memory_limit=settings.memory_limit, spill=work) as session:
            yield read, session, landed(sql_file(work / ROWS))


def difference(old: str, new: str, name: str) -> str:
    """Return the changes of a new proposal to a mapping, as a patch."""
    return "".join(
        difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
    )


def _united(*known: Mapping[str, set[str]]) -> dict[str, set[str]]:
    united: dict[str, set[str]] = {}
    for found in known:
        for kind, values in found.items():
            united.setdefault(kind, set()).update(values)
    return united
