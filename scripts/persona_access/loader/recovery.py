"""Recover rows from a damaged CSV text: every line is a row, a fault, or empty.

A parser cannot find the end of a broken quote: it reads the following lines into the value. So
lines are read first, and a line that is a complete row counts as a row. The lines between are
joined, if they form a row with a quoted value that spans lines; otherwise each is a fault. If a
value would contain whole rows, all its lines are faults: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import normalise_name
from persona_access.base.sql import statement
from persona_access.loader.session import Connection, file, name, scalar, set_variables, text
from persona_access.loader.text_scan import TextScan

# No normal text contains it; if one does, the row counts do not match, and the text is refused.
_NO_DELIMITER = "\U0010ffff"
# A value of a thousand lines is an unclosed quote; joining more would only cost memory.
_MAX_LINES_OF_A_ROW = 1000


def raw_lines(path: Path, line_offset: int = 0) -> str:
    """Return the relation of the lines of a text: row_number (line 1 is the header), raw_line."""
    parts = {"text": file(path), "no_delimiter": text(_NO_DELIMITER), "line_offset": line_offset}
    return f"({statement(__package__, 'raw_lines', **parts)})"


# For each key, the columns that can contain it; the first delivered one is used.
Keys = Mapping[str, Sequence[str]]
KEYS: Keys = {key: (key,) for key in ("brid", "application_id", "account_id")}


@dataclass(frozen=True)
class Sifted:
    """The good rows as a relation with line numbers, their lines, and their expected number.

    A row of several lines has all of them in `raw_lines`.
    """

    relation: str
    raw_lines: str
    n_rows: int


def sift(
    connection: Connection,
    scan: TextScan,
    delimiter: str,
    columns: Sequence[str],
    keys: Keys,
) -> Sifted:
    """Fill the table `faults` with the lines that are not rows, and return the good rows.

    Good lines are streamed; only the others are stored in tables. `keys` are the columns in which
    a bad line can still have its BRID, application and account.
    """
    connection.execute(f"create or replace temp view raw_lines as from {raw_lines(scan.text)}")
    _set_syntax(connection, delimiter, len(columns))
    connection.execute(statement(__package__, "recovery_lines"))
    _separate(connection, columns, keys)
    fields = ", ".join(f"fields[{at}] as {name(column)}" for at, column in enumerate(columns, 1))
    connection.execute(statement(__package__, "recovered_rows", fields=fields))
    apart = "select row_number from loose union select row_number from swallowed"
    n_apart = scalar(connection, f"select count(*) from ({apart})")  # noqa: S608
    n_joined = scalar(connection, "select count(*) from joined where is_row")
    return Sifted("recovered_rows", "raw_records", scan.n_lines - 1 - n_apart + n_joined)


def record_odd_lines(
    connection: Connection,
    lines: Sequence[tuple[int, str]],
    delimiter: str,
    columns: Sequence[str],
    keys: Keys,
) -> None:
    """Add lines that are not rows to `faults`, with their numbers; for texts without quotes."""
    _set_syntax(connection, delimiter, len(columns))
    columns_of_lines = "unnest($numbers) as row_number, unnest($lines) as line, false as is_row"
    connection.execute(
        f"create or replace temp table odd_lines as select {columns_of_lines}",
        {"numbers": [number for number, _ in lines], "lines": [line for _, line in lines]},
    )
    connection.execute("create or replace temp view lines as from odd_lines")
    _separate(connection, columns, keys)


def _set_syntax(connection: Connection, delimiter: str, n_fields: int) -> None:
    """Set the syntax of rows with this number of fields as variables of the statements."""
    sign = re.escape(delimiter)
    quoted = ' *"(?:[^"]|"")*" *'
    bare = rf' *(?:[^" {sign}\n][^{sign}\n]*)?'
    field = f"(?:{quoted}|{bare})"
    set_variables(
        connection,
        delimiter=delimiter,
        n_fields=n_fields,
        max_lines=_MAX_LINES_OF_A_ROW,
        each_field=f"({field}){sign}",
        whole_row=f"{field}(?:{sign}{field}){{{n_fields - 1}}}",
        any_row=f"{field}(?:{sign}{field})*",
    )


def _separate(connection: Connection, columns: Sequence[str], keys: Keys) -> None:
    """Separate the lines that are not rows into rows of several lines, and faults."""
    connection.execute(statement(__package__, "recovery"))
    if scalar(connection, "select count(*) from joined where is_open") > 0:
        connection.execute(statement(__package__, "recovery_swallowed"))
    keyed = [normalise_name(column) for column in columns]
    named = ([normalise_name(header) for header in keys.get(key, ())] for key in KEYS)
    places = [next((keyed.index(n) + 1 for n in headers if n in keyed), None) for headers in named]
    connection.execute(statement(__package__, "recovery_faults"), {"places_of_keys": places})
