"""Read one delivery by its format, check it against its contract, and write what may be landed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.base.printable import capped
from persona_access.loader.codes import check_codes
from persona_access.loader.decryption import plain_file
from persona_access.loader.feed_mappings.declaration import FeedMapping, Table
from persona_access.loader.feed_mappings.mapped import as_delivered, map_staged
from persona_access.loader.feed_mappings.plain_text import PlainText, plain_text
from persona_access.loader.header import other_columns, tell_other_columns
from persona_access.loader.labels import LABEL, find_labels
from persona_access.loader.manifest import Manifest
from persona_access.loader.read_csv import read_csv
from persona_access.loader.read_excel import read_excel
from persona_access.loader.read_parquet import read_parquet
from persona_access.loader.session import (
    Connection,
    file,
    machine_faults_in_words,
    open_session,
    scalar,
    text,
)
from persona_access.loader.staging import Provenance, Staged, create_faults_table, write_parquet
from persona_access.loader.text_scan import scan_text
from persona_access.loader.values import read_values, reading_query

_MAX_FAULTS_OF_A_REFUSAL = 20
_MAX_FAULTS_SHOWN = 3
ROWS = "rows.parquet"
FAULTS = "faults.parquet"


@dataclass(frozen=True)
class Job:
    """All that is needed to read a delivery, also in another process.

    `previous` is the newest landed file of the feed: columns that it has were named before.
    """

    path: Path
    suffix: str
    contract: Contract
    manifest: Manifest | None
    provenance: Provenance
    extract_date: dt.date
    version: int
    work: Path
    spill: Path
    previous: Path | None
    memory_limit: str
    max_expanded_bytes: int
    identities: tuple[str, ...]
    mapping: FeedMapping | None = None
    code_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """What was read; its rows and its faults lie in the work folder. Counts exclude the header."""

    n_rows_read: int
    n_rows_loaded: int
    n_values_quarantined: int
    has_faults: bool
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def read_delivery(job: Job) -> Read:
    """Write the rows of a delivery, and its faults if there are any, to the work folder.

    Raises RefusalError when the whole file cannot be accepted.
    """
    contract = job.contract
    path = plain_file(job.path, contract, job.identities, job.work)
    with open_session(memory_limit=job.memory_limit, spill=job.spill) as connection:
        # A time with a zone must not become a date of this machine's.
        connection.execute(f"set TimeZone = {text(contract.time_zone)}")
        create_faults_table(connection)
        with machine_faults_in_words():
            staged, undecided = _stage(connection, job, path)
            n_read = staged.n_rows + staged.n_bad_before
            if n_read == 0:
                raise RefusalError(
                    "The file has a header and no rows: export it again, or leave it out this week."
                )
            if staged.n_rows > 0:
                find_labels(connection, staged)
            if job.manifest is not None:
                job.manifest.check_rows(n_read)
            values = read_values(connection, staged, contract)
            _check_tolerance(connection, contract, n_read)
            n_out = scalar(connection, "select count(*) from faults where quarantined_part = 'row'")
            has_faults = scalar(connection, "select count(*) from faults") > 0
            if has_faults:
                _write_faults(connection, job)
            if values.is_changed or n_out > staged.n_bad_before:
                n_loaded = write_parquet(
                    connection, reading_query(connection, staged), job.work / ROWS
                )
            else:
                staged.parquet.rename(job.work / ROWS)
                n_loaded = staged.n_rows
            if contract.has_codes:
                check_codes(connection, job.work / ROWS, job.code_keys)
        if n_loaded + n_out != n_read:
            raise RefusalError(
                f"Of {n_read:,} rows {n_loaded:,} would be loaded and {n_out:,} quarantined, which "
                "does not add up: tell the maintainers of the loader, and keep the file."
            )
        return Read(
            n_rows_read=n_read,
            n_rows_loaded=n_loaded,
            n_values_quarantined=values.n_values_quarantined,
            has_faults=has_faults,
            faults=fault_sentences(connection, _MAX_FAULTS_SHOWN),
            notes=(
                *_tell_undecided(job, undecided),
                *(() if job.mapping else _tell_new_columns(connection, job, staged)),
                *map(capped, values.notes),
            ),
        )


def _stage(connection: Connection, job: Job, path: Path) -> tuple[Staged, tuple[str, ...]]:
    """Stage the delivery in the columns of its feed; also the columns that nobody decided on."""
    if job.mapping is None:
        return _read(connection, job, path, job.contract, None, "staged.parquet"), ()
    plain = PlainText(path, 0)
    if job.suffix not in (".parquet", ".xlsx"):
        plain = plain_text(path, job.mapping.table, work=job.work, max_bytes=job.max_expanded_bytes)
    delivered = _read(
        connection,
        job,
        plain.path,
        as_delivered(job.contract),
        job.mapping.table,
        "delivered.parquet",
    )
    return map_staged(
        connection,
        delivered,
        job.mapping,
        job.contract,
        job.path.name,
        job.work / "staged.parquet",
        plain.line_offset,
    )


def _read(
    connection: Connection,
    job: Job,
    path: Path,
    contract: Contract,
    table: Table | None,
    staged: str,
) -> Staged:
    target = job.work / staged
    if job.suffix == ".parquet":
        return read_parquet(
            connection, path, contract, job.provenance, target, job.max_expanded_bytes
        )
    if job.suffix == ".xlsx":
        return read_excel(
            connection, path, contract, job.provenance, target, job.max_expanded_bytes, table
        )
    scan = scan_text(
        path,
        is_gzip=job.suffix == ".csv.gz" and path == job.path,
        work=job.work,
        max_expanded_bytes=job.max_expanded_bytes,
    )
    delimiter = None if table is None or table.fixed_width else table.delimiter
    return read_csv(connection, scan, contract, job.provenance, target, delimiter)


def _check_tolerance(connection: Connection, contract: Contract, n_read: int) -> None:
    """Refuse a file with too many bad rows; labels, of which there are few, are none."""
    n_bad = scalar(
        connection,
        f"select count(*) from faults where quarantined_part = 'row' and reason <> '{LABEL}'",  # noqa: S608
    )
    n_labels = scalar(connection, f"select count(*) from faults where reason = '{LABEL}'")  # noqa: S608
    if n_labels == n_read:
        raise RefusalError(
            "The file has a header, labels and totals, and no rows: export it again, or leave it "
            "out this week."
        )
    if not contract.tolerates(n_bad=n_bad, n_read=n_read - n_labels):
        raise RefusalError(
            f"{n_bad:,} of {n_read:,} rows are bad, more than the {contract.max_quarantined_rows} "
            f"or {contract.max_quarantined_share:.0%} that {contract.feed} may have (and never "
            f"more than half); the first: {fault_sentences(connection, 1)[0]}",
            details=fault_sentences(connection, _MAX_FAULTS_OF_A_REFUSAL),
        )


def _write_faults(connection: Connection, job: Job) -> None:
    write_parquet(
        connection,
        f"""
        select
            {text(job.provenance.load_id)} as load_id,
            {text(job.contract.feed)} as feed,
            date {text(job.extract_date)} as extract_date,
            {job.version}::bigint as version,
            {text(job.provenance.file_name)} as file_name,
            row_number, column_name, value, reason, message, brid, application_id, account_id,
            quarantined_part, raw_line
        from faults
        order by row_number, quarantined_part, column_name
        """,  # noqa: S608 - literals are escaped
        job.work / FAULTS,
    )


def _tell_undecided(job: Job, undecided: tuple[str, ...]) -> tuple[str, ...]:
    """Name the delivered columns that the mapping neither reads nor ignores."""
    if job.mapping is None or not undecided:
        return ()
    listed = ", ".join(map(repr, undecided))
    return (
        capped(
            f"feeds/{job.mapping.source}.yml does not decide about {listed}: kept as delivered. "
            "List them below attributes or ignore."
        ),
    )


def _tell_new_columns(connection: Connection, job: Job, staged: Staged) -> tuple[str, ...]:
    """Tell of columns that no contract names, once: not again when the last file had them."""
    known: set[str] = set()
    if job.previous is not None and job.previous.is_file():
        described = connection.execute(f"describe from {landed(file(job.previous))}").fetchall()
        known = {str(row[0]) for row in described}
    others = [
        column for column in other_columns(staged.columns, job.contract) if column not in known
    ]
    if not others:
        return ()
    return (capped(tell_other_columns(others, staged.columns, job.contract)),)


def fault_sentences(connection: Connection, n_most: int) -> tuple[str, ...]:
    """Return the first faults in words, with their lines, and how many more there are."""
    found = connection.execute(
        """
        select case when raw_line is null then 'row' else 'line' end, row_number, message
        from faults order by quarantined_part, row_number limit ?
        """,
        [n_most],
    ).fetchall()
    n_more = scalar(connection, "select count(*) from faults") - len(found)
    more = (f"and {n_more:,} more in the quarantine",) if n_more > 0 and n_most > 1 else ()
    return (
        *(capped(f"{what} {row_number}: {message}") for what, row_number, message in found),
        *more,
    )
