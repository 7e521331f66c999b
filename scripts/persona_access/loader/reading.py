"""Read one delivery in its format, check it against its contract, and write the rows to land."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.encryption import encryption_key, landed
from persona_access.base.errors import RefusalError
from persona_access.base.names import WORKBOOKS
from persona_access.base.printable import capped, counted, listed
from persona_access.base.sql import statement
from persona_access.loader.answered_dates import read_dates
from persona_access.loader.attributes import with_attributes, with_packed_attributes
from persona_access.loader.codes import check_codes
from persona_access.loader.decryption import plain_file
from persona_access.loader.feed_mappings.declaration import FeedMapping, Table
from persona_access.loader.feed_mappings.drift import (
    refuse_turned_dates,
    tell_empty_columns,
    tell_lost_columns,
    tell_lost_groups,
)
from persona_access.loader.feed_mappings.expressions import (
    HeaderError,
    find_column,
    undecided_headers,
)
from persona_access.loader.feed_mappings.likeness import names_known, parse_date
from persona_access.loader.feed_mappings.mapped import as_delivered, map_staged
from persona_access.loader.feed_mappings.plain_text import PlainText, delivered_line, plain_text
from persona_access.loader.feed_mappings.sample import read_samples
from persona_access.loader.feed_mappings.shape import find_header
from persona_access.loader.header import other_columns, tell_other_columns
from persona_access.loader.labels import LABEL, find_labels
from persona_access.loader.manifest import Manifest
from persona_access.loader.read_csv import read_csv, read_mapped_straight
from persona_access.loader.read_excel import new_sheets, read_excel, read_sheet_row
from persona_access.loader.read_parquet import read_parquet
from persona_access.loader.read_rows import write_read_rows
from persona_access.loader.recovery import KEYS
from persona_access.loader.session import (
    Connection,
    columns_of,
    file,
    machine_faults_in_words,
    name,
    open_session,
    scalar,
    text,
)
from persona_access.loader.staging import (
    Into,
    Provenance,
    Staged,
    create_faults_table,
    fill_raw_lines,
    write_parquet,
)
from persona_access.loader.text_scan import TextScan, scan_text
from persona_access.loader.values import read_values, reading_query

_MAX_FAULTS_OF_A_REFUSAL = 20
_MAX_FAULTS_SHOWN = 3
ROWS = "rows.parquet"
FAULTS = "faults.parquet"


@dataclass(frozen=True)
class Job:
    """Everything that is needed to read a delivery, also in another process.

    `previous` is the newest landed file of the source: columns that it has were named before.
    `lookups` are ids by name in lower case, for each kind of name that the mapping looks up.
    """

    path: Path
    suffix: str
    contract: Contract
    provenance: Provenance
    extract_date: dt.date
    work: Path
    spill: Path
    memory_limit: str
    max_expanded_bytes: int
    identities: tuple[str, ...]
    version: int = 0
    manifest: Manifest | None = None
    previous: Path | None = None
    mapping: FeedMapping | None = None
    code_keys: tuple[str, ...] = ()
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def into(self, contract: Contract, file: str) -> Into:
        """Return where rows of a contract are staged: a file of the work folder."""
        return Into(contract, self.provenance, self.work / file)


@dataclass(frozen=True)
class Read:
    """The result of reading; rows and faults are in the work folder. Counts exclude the header."""

    n_rows_read: int
    n_rows_loaded: int
    n_values_quarantined: int
    has_faults: bool
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def read_delivery(job: Job) -> Read:
    """Write the rows of a delivery, and its faults if there are any, to the work folder.

    Raises RefusalError if the whole file must be refused.
    """
    contract = with_attributes(job.contract, job.mapping)
    path = plain_file(job.path, contract, job.identities, job.work)
    with open_session(memory_limit=job.memory_limit, spill=job.spill) as connection:
        # A time with a zone must not be converted to this machine's time zone.
        connection.execute(f"set TimeZone = {text(contract.time_zone)}")
        create_faults_table(connection)
        with machine_faults_in_words():
            try:
                staged, undecided = _stage(connection, job, contract, path)
            except HeaderError as error:
                raise _where_the_header_is(error, job, path) from error
            n_read = staged.n_rows + staged.n_bad_before
            if n_read == 0:
                raise RefusalError(
                    "The file has a header and no rows: export it again, or omit it this week."
                )
            if staged.n_rows > 0:
                find_labels(connection, staged, contract)
            if job.manifest is not None:
                job.manifest.check_rows(n_read)
            dates: tuple[str, ...] = ()
            if contract.has_codes:
                dates = read_dates(connection, staged, contract, job.code_keys)
            values = read_values(connection, staged, contract.on(job.extract_date))
            fill_raw_lines(connection, staged)
            if job.mapping is not None:
                refuse_turned_dates(connection, staged, job.mapping, contract)
            _check_tolerance(connection, contract, n_read, job.mapping)
            n_out = scalar(connection, "select count(*) from faults where quarantined_part = 'row'")
            has_faults = scalar(connection, "select count(*) from faults") > 0
            if has_faults:
                _write_faults(connection, job)
            if values.is_changed or n_out > staged.n_bad_before or _attributes(staged, contract):
                n_loaded = _write_rows(connection, job, staged, contract)
            else:
                staged.parquet.rename(job.work / ROWS)
                n_loaded = staged.n_rows
            if contract.has_codes:
                check_codes(connection, job.work / ROWS, job.code_keys, staged.columns)
        if n_loaded + n_out != n_read:
            raise RefusalError(
                f"Of {n_read:,} rows {n_loaded:,} would be loaded and {n_out:,} quarantined, "
                "which does not add up: keep the file, and report this error to the "
                "maintainers of the loader."
            )
        return Read(
            n_rows_read=n_read,
            n_rows_loaded=n_loaded,
            n_values_quarantined=values.n_values_quarantined,
            has_faults=has_faults,
            faults=fault_sentences(connection, _MAX_FAULTS_SHOWN),
            notes=(
                *staged.notes,
                *dates,
                *_tell_empty_columns(connection, job, staged),
                *_tell_lost_columns(connection, job, staged),
                *_tell_lost_groups(connection, job, contract),
                *_tell_new_sheets(job, path),
                *_tell_undecided(job, undecided),
                *_tell_new_codes(connection, job),
                *(() if job.mapping else _tell_new_columns(connection, job, staged)),
                *map(capped, values.notes),
            ),
        )


def _where_the_header_is(error: HeaderError, job: Job, path: Path) -> RefusalError:
    """Explain how the header line or the delimiter differs from the mapping."""
    mapping = job.mapping
    if mapping is None or job.suffix in (".parquet", *WORKBOOKS) or mapping.table.fixed_width:
        return error
    try:
        (sample,) = read_samples(path)
    except RefusalError:
        return error
    header = find_header(sample.rows, names_known)
    if header is None:
        return error
    table = mapping.table
    changes = []
    if table.header_row not in ("find", header.line):
        changes.append(f"the header is on line {header.line}, not {table.header_row}")
    if sample.delimiter is not None and sample.delimiter != (table.delimiter or sample.delimiter):
        changes.append(
            f"the columns are separated by {sample.delimiter!r}, not {table.delimiter!r}"
        )
    if not changes:
        return error
    return RefusalError(
        f"The file differs from feeds/{mapping.source}.yml: {' and '.join(changes)}. If the "
        "source changed it, correct header_row or delimiter below table.",
        error.details,
    )


def find_date(job: Job) -> dt.date:
    """Return the extract date from the place in a delivery that its mapping declares.

    Raises RefusalError if there is no date, or more than one.
    """
    mapping = job.mapping
    assert mapping is not None  # noqa: S101 - only mappings say so
    path = plain_file(job.path, job.contract, job.identities, job.work)
    where = mapping.files.date
    if where.from_ == "title":
        assert where.line is not None  # noqa: S101 - the declaration asks for it
        place = f"line {where.line}"
        if job.suffix in WORKBOOKS:
            place = f"row {where.line}"
            text_found = read_sheet_row(path, mapping.table, where.line, job.max_expanded_bytes)
        else:
            text_found = delivered_line(
                path,
                mapping.table,
                where.line,
                work=job.work,
                max_bytes=job.max_expanded_bytes,
            )
        return _date_of(text_found, place, mapping)
    with open_session(memory_limit=job.memory_limit, spill=job.spill) as connection:
        create_faults_table(connection)
        with machine_faults_in_words():
            plain, scan = _plain(job, mapping, path)
            staged = _deliver(connection, job, mapping, plain, scan)
            column = find_column(where.column or "", staged.columns)
            if column is None:
                raise RefusalError(
                    f"The file has no column '{where.column}', where feeds/{mapping.source}.yml "
                    "has the extract date.",
                    details=(f"Found columns: {', '.join(staged.columns)}",),
                )
            rows = landed(file(staged.parquet))
            query = f"select distinct {name(column)} from {rows} where {name(column)} is not null"  # noqa: S608
            values = [str(row[0]) for row in connection.execute(f"{query} limit 1000").fetchall()]
    days = {_date_of(value, f"column '{column}'", mapping) for value in values}
    if len(days) != 1:
        shown = ", ".join(sorted(str(day) for day in days)[:5]) or "no date"
        raise RefusalError(
            f"Column '{column}' has {shown}, and a file is an extract of one day: deliver each "
            "day in a separate file."
        )
    return days.pop()


def _date_of(found: str, place: str, mapping: FeedMapping) -> dt.date:
    where = mapping.files.date
    match = re.search(where.regex, found) if where.regex else None
    text_of_date = match[1] if match else "" if where.regex else found
    for code in where.dates:
        day = parse_date(text_of_date, code)
        if day is not None:
            return day
    raise RefusalError(
        f"feeds/{mapping.source}.yml has the extract date in {place}, which is "
        f"'{capped(found.strip(), 100)}', and none of its formats "
        f"({', '.join(where.dates)}) reads a date there: correct files.date."
    )


def _attributes(staged: Staged, contract: Contract) -> list[str]:
    """Return the attributes that were delivered, in alphabetical order."""
    return sorted(
        column.name
        for column in contract.columns
        if column.is_attribute and column.name in staged.columns
    )


def _write_rows(connection: Connection, job: Job, staged: Staged, contract: Contract) -> int:
    """Write the rows without faults, each value as it was read; returns their number."""
    attributes = _attributes(staged, contract)
    # Arrow cannot pack attributes, and DuckDB cannot filter files that Arrow encrypts.
    if not attributes and encryption_key() is None:
        return write_read_rows(connection, staged.parquet, job.work / ROWS)
    query = with_packed_attributes(reading_query(connection, staged), attributes)
    return write_parquet(connection, query, job.work / ROWS)


def _stage(
    connection: Connection, job: Job, contract: Contract, path: Path
) -> tuple[Staged, tuple[str, ...]]:
    """Stage the delivery in the columns of its feed; also return the undecided columns."""
    if job.mapping is None:
        return _read(connection, job, path, job.into(contract, "staged.parquet"), None), ()
    plain, scan = _plain(job, job.mapping, path)
    if scan is not None:
        found = read_mapped_straight(
            connection,
            scan,
            job.into(contract, "staged.parquet"),
            job.mapping,
            _delimiter(job.mapping.table),
            job.path.name,
            job.lookups,
            plain.line_offset,
        )
        if found is not None:
            staged, headers = found
            _refuse_new_columns(headers, job.mapping)
            return staged, tuple(undecided_headers(job.mapping, headers))
    delivered = _deliver(connection, job, job.mapping, plain, scan)
    _refuse_new_columns(delivered.columns, job.mapping)
    return map_staged(
        connection,
        delivered,
        job.mapping,
        contract,
        job.path.name,
        job.work / "staged.parquet",
        plain.line_offset,
        job.lookups,
    )


def _plain(job: Job, mapping: FeedMapping, path: Path) -> tuple[PlainText, TextScan | None]:
    """If the delivery is text, return it as plain text, with the result of a scan of its bytes."""
    if job.suffix in (".parquet", *WORKBOOKS):
        return PlainText(path, 0), None
    plain = plain_text(path, mapping.table, work=job.work, max_bytes=job.max_expanded_bytes)
    try:
        return plain, _scan(job, plain.path)
    except RefusalError as error:
        (sample,) = read_samples(plain.path)
        if sample.encoding == mapping.table.encoding:
            raise
        raise RefusalError(
            f"{error} If the source writes {sample.encoding} now, write encoding: "
            f"{sample.encoding} below table in feeds/{mapping.source}.yml."
        ) from error


def _deliver(
    connection: Connection,
    job: Job,
    mapping: FeedMapping,
    plain: PlainText,
    scan: TextScan | None,
) -> Staged:
    """Stage the columns as delivered."""
    into, table = job.into(as_delivered(job.contract), "delivered.parquet"), mapping.table
    if scan is None:
        return _read(connection, job, plain.path, into, table)
    keys = {
        key: column.from_ for key in KEYS if (column := mapping.columns.get(key)) and column.from_
    }
    return read_csv(connection, scan, into, _delimiter(table), keys)


def _scan(job: Job, path: Path) -> TextScan:
    return scan_text(
        path,
        # By now, the file can be decompressed or decrypted.
        is_gzip=job.suffix == ".csv.gz" and path.name.lower().endswith(".gz"),
        work=job.work,
        max_expanded_bytes=job.max_expanded_bytes,
    )


def _delimiter(table: Table | None) -> str | None:
    return None if table is None or table.fixed_width else table.delimiter


def _refuse_new_columns(headers: Sequence[str], mapping: FeedMapping) -> None:
    """Refuse undecided columns, if the mapping requires it."""
    new = undecided_headers(mapping, headers)
    if new and mapping.new_columns == "refuse":
        raise RefusalError(
            f"The file has columns that feeds/{mapping.source}.yml does not decide about: "
            f"{listed([repr(header) for header in new])}. List them below columns, attributes or "
            "ignore, and have the change approved."
        )


def _read(connection: Connection, job: Job, path: Path, into: Into, table: Table | None) -> Staged:
    if job.suffix == ".parquet":
        return read_parquet(connection, path, into, job.max_expanded_bytes)
    if job.suffix in WORKBOOKS:
        return read_excel(connection, path, into, job.max_expanded_bytes, table)
    return read_csv(connection, _scan(job, path), into, _delimiter(table))


def _check_tolerance(
    connection: Connection, contract: Contract, n_read: int, mapping: FeedMapping | None
) -> None:
    """Refuse a file with too many bad rows; labels do not count as bad rows."""
    n_bad = scalar(
        connection,
        f"select count(*) from faults where quarantined_part = 'row' and reason <> '{LABEL}'",  # noqa: S608
    )
    n_labels = scalar(connection, f"select count(*) from faults where reason = '{LABEL}'")  # noqa: S608
    if n_labels == n_read:
        raise RefusalError(
            "The file has a header, labels and totals, and no rows: export it again, or omit "
            "it this week."
        )
    if not contract.tolerates(n_bad=n_bad, n_read=n_read - n_labels):
        raise RefusalError(
            f"{n_bad:,} of {n_read:,} rows are bad, more than the {contract.max_quarantined_rows} "
            f"or {contract.max_quarantined_share:.0%} that {contract.feed} may have (and never "
            f"more than half); the first: {fault_sentences(connection, 1)[0]}"
            + (
                ""
                if mapping is None
                else " If the source changed its format, `persona-access onboard --check` "
                f"shows what to change in feeds/{mapping.source}.yml."
            ),
            details=fault_sentences(connection, _MAX_FAULTS_OF_A_REFUSAL),
        )


def _write_faults(connection: Connection, job: Job) -> None:
    values = {
        "load_id": job.provenance.load_id,
        "feed": job.contract.feed,
        "extract_date": job.extract_date,
        "version": job.version,
        "file_name": job.provenance.file_name,
    }
    write_parquet(connection, statement(__package__, "quarantined"), job.work / FAULTS, values)


def _tell_new_sheets(job: Job, path: Path) -> tuple[str, ...]:
    """Report sheets that the mapping does not name; refuse them if it requires this."""
    if job.mapping is None or job.suffix not in WORKBOOKS:
        return ()
    found = new_sheets(path, job.mapping.table, job.max_expanded_bytes)
    if not found:
        return ()
    sentence = capped(
        f"{'Sheets' if len(found) > 1 else 'Sheet'} {listed([repr(name) for name in found])} "
        f"{'are' if len(found) > 1 else 'is'} not named in feeds/{job.mapping.source}.yml, so "
        f"their rows are not loaded. List sheets of the table below table.sheets, and put the "
        f"file back into the drop zone; list all others below table.ignore_sheets."
    )
    if job.mapping.table.new_sheets == "refuse":
        raise RefusalError(sentence)
    return (sentence,)


def _tell_new_codes(connection: Connection, job: Job) -> tuple[str, ...]:
    """Report each word that neither mapping nor contract knows, once, with its row count."""
    if job.mapping is None:
        return ()
    found = connection.execute(statement(__package__, "new_codes")).fetchall()
    accepted = {column.name: column.accepted_values for column in job.contract.columns}
    return tuple(
        capped(
            f"{column} has {'new words' if len(words) > 1 else 'a new word'}: "
            f"{listed([repr(word) for word in words])}. Quarantined: {counted(n_rows, 'row')}. "
            f"Declare the meaning below columns.{column}.values in feeds/{job.mapping.source}.yml: "
            f"{', '.join(accepted[column])}. Then put the file back into the drop zone."
        )
        for column, words, n_rows in found
    )


def _tell_undecided(job: Job, undecided: tuple[str, ...]) -> tuple[str, ...]:
    """Report the delivered columns that the mapping does not mention."""
    if job.mapping is None or not undecided:
        return ()
    listed = ", ".join(map(repr, undecided))
    places = "unpivot.columns, " if job.mapping.unpivot else ""
    return (
        capped(
            f"feeds/{job.mapping.source}.yml does not mention {listed}: kept as delivered. "
            f"List them below {places}attributes or ignore."
        ),
    )


def _tell_empty_columns(connection: Connection, job: Job, staged: Staged) -> tuple[str, ...]:
    mapping, columns = job.mapping, staged.columns
    if mapping is not None:
        columns = tuple(mapping.columns)
    return tell_empty_columns(connection, job.work / ROWS, columns, job.contract)


def _tell_lost_columns(connection: Connection, job: Job, staged: Staged) -> tuple[str, ...]:
    if job.mapping is None:
        return ()
    return tell_lost_columns(job.mapping, staged.columns, _columns_of_previous(connection, job))


def _tell_lost_groups(connection: Connection, job: Job, contract: Contract) -> tuple[str, ...]:
    before = _columns_of_previous(connection, job)
    if job.previous is None or not before:
        return ()
    rows = job.work / ROWS
    columns = (columns_of(connection, rows), before)
    return tuple(map(capped, tell_lost_groups(connection, rows, job.previous, columns, contract)))


def _columns_of_previous(connection: Connection, job: Job) -> list[str]:
    """Return the columns of the newest landed file of the source."""
    if job.previous is None or not job.previous.is_file():
        return []
    return columns_of(connection, job.previous)


def _tell_new_columns(connection: Connection, job: Job, staged: Staged) -> tuple[str, ...]:
    """Report columns outside the contract once: not again if the previous file had them."""
    known = _columns_of_previous(connection, job)
    shown = {normalise_name(column) for column in job.contract.shown_columns}
    others = [
        column
        for column in other_columns(staged.columns, with_attributes(job.contract, None))
        if column not in known and normalise_name(column) not in shown
    ]
    if not others:
        return ()
    return (capped(tell_other_columns(others, staged.columns, job.contract)),)


def fault_sentences(connection: Connection, n_most: int) -> tuple[str, ...]:
    """Return the first faults in words, with their lines, and the number of further faults."""
    query = statement(__package__, "first_faults")
    found = connection.execute(query, {"n_most": n_most}).fetchall()
    n_more = scalar(connection, "select count(*) from faults") - len(found)
    more = (f"and {n_more:,} more in the quarantine",) if n_more > 0 and n_most > 1 else ()
    return (
        *(capped(f"{what} {row_number}: {message}") for what, row_number, message in found),
        *more,
    )
