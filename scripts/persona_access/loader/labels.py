"""Find rows without data: totals, footers and trailers; compare their row counts with the rows.

Some are recognised by words, in a few languages, others by missing values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from persona_access.base.contracts import Contract
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.base.printable import counted
from persona_access.base.sql import statement
from persona_access.loader.session import Connection, file, name, scalar, set_variables, text
from persona_access.loader.shapes import is_brid_sql
from persona_access.loader.staging import Staged

LABEL = "label_row"
INCOMPLETE = "row_incomplete"
_COUNTS = "(total |number of )*(rows|records|lines|entries|row count|record count|count)"
_LABELS = (
    r"((grand|sub|sub-|overall|report|page)[ -]?)?totals?( .*|:.*)?"
    r"|(sum|summary|summe|gesamt|gesamtsumme|gesamtergebnis|insgesamt|somme|totaal|eindtotaal"
    "|totale|totali|suma|soma|razem|yhteens\u00e4|summa|\u0438\u0442\u043e\u0433\u043e"
    "|\u5408\u8ba1|\u5408\u8a08|\u603b\u8ba1|\u7dcf\u8a08)( .*|:.*)?"
    r"|\W*end of (report|file|data|extract|list|export)\W*"
    r"|eof|trailer.*|trl|tlr|footer.*"
    rf"|{_COUNTS}( (read|exported|returned|affected|selected))?\s*[:=]?\s*[\d.,' ]*"
    r"|\(?\d[\d.,']* (rows?|records?|lines?|row\(s\))( .*)?\)?"
    r"|(generated|created|exported|printed|report generated) (on|by|at)\b.*"
    r"|page \d+.*|\(c\) .*|copyright .*|confidential\b.*|[-=_*#]{3,}.*"
)
_IS_COUNT = re.compile(rf"({_COUNTS}|trailer|trl|tlr|\d[\d.,']* (rows?|records?|lines?)\b)", re.I)
_NUMBER = re.compile(r"(?<![\w.,'-])\d{1,3}(?:[.,']?\d{3})*(?![\w.,'-]*\d)|\b\d+\b")
_MOST_SHOWN = 100
_MOST_ROWS_OF_A_FOOTER = 10
# A count can include the header, or the trailer itself.
_UNCOUNTED = (0, 1, 2)


def find_labels(connection: Connection, staged: Staged, contract: Contract) -> None:
    """Add rows without data to `faults`, including lines that do not fit the header.

    Raises RefusalError if the count in a row differs from the number of rows above it.
    """
    first = staged.columns[0]
    rows = landed(file(staged.parquet))
    # Rows are read only for a label, or for the last row.
    set_variables(connection, labels=_LABELS)
    connection.execute(statement(__package__, "label_cells", first=name(first), rows=rows))
    last = scalar(connection, f"select max(row_number) from {rows}")  # noqa: S608
    has_labels = scalar(connection, "select count(*) from label_cells") > 0
    parts = {
        "cells": ", ".join(name(column) for column in staged.columns),
        "rows": rows,
        "last_row": last,
        "is_label": f"{name(first)} in (from label_cells)" if has_labels else "false",
    }
    query = statement(__package__, "label_rows", **parts)
    found = connection.execute(query, {"n_most": _MOST_SHOWN}).fetchall()
    labels: dict[int, str] = {}
    for row_number, values in found:
        filled = [value for value in values if value and value.strip()]
        n_above = _n_above(connection, staged, row_number)
        if _is_label(filled, len(values), n_above, values[0]) or (
            row_number == last and _is_sum(connection, staged, filled, values)
        ):
            labels[row_number] = _told(filled, n_above, is_at_end=_is_at_end(staged, n_above))
    if labels:
        connection.execute(
            statement(__package__, "label_faults", first=name(first), rows=rows),
            {"column_name": first, "numbers": list(labels), "messages": list(labels.values())},
        )
    _find_incomplete(connection, staged, contract)
    _find_in_lines(connection, staged)


def _find_incomplete(connection: Connection, staged: Staged, contract: Contract) -> None:
    """Find rows with a BRID, but without every other required value of a feed of people.

    Such a row can be cut off or be a total. It creates no person, and the person with this BRID
    keeps last week's state.
    """
    required = [column for column in contract.columns if column.is_required]
    if len(required) < 3 or required[0].parse_as != "brid":
        return
    key, *others = required
    # A number in the next column belongs to a total.
    is_empty = [f"coalesce(regexp_full_match(trim({name(others[0].name)}), '[0-9., ]*'), true)"]
    is_empty += [f"coalesce(trim({name(column.name)}), '') = ''" for column in others[1:]]
    parts = {
        "brid": name(key.name),
        "rows": landed(file(staged.parquet)),
        "is_empty": " and ".join(is_empty),
        "is_brid": is_brid_sql(f"trim(staged.{name(key.name)})"),
    }
    connection.execute(
        statement(__package__, "incomplete_rows", **parts), {"column_name": key.name}
    )


def _find_in_lines(connection: Connection, staged: Staged) -> None:
    """Search the lines that do not fit the header, as most footers do not."""
    query = statement(__package__, "label_lines")
    found = connection.execute(query, {"n_most": _MOST_SHOWN}).fetchall()
    for row_number, line in found:
        cells = [cell.strip() for cell in re.split(r"[,;|\t]", line) if cell.strip()]
        n_above = _n_above(connection, staged, row_number)
        message = _told(cells, n_above, is_at_end=_is_at_end(staged, n_above))
        connection.execute(
            statement(__package__, "label_of_line"), {"message": message, "row_number": row_number}
        )


def _n_above(connection: Connection, staged: Staged, row_number: int) -> int:
    """Count the rows above, good and bad, without labels."""
    above = f"row_number < {row_number}"
    rows = landed(file(staged.parquet))
    n_good = scalar(connection, f"select count(*) from {rows} where {above}")  # noqa: S608
    bad = f"select count(*) from faults where {above} and reason <> '{LABEL}'"  # noqa: S608
    return n_good + scalar(connection, bad)


def _is_at_end(staged: Staged, n_above: int) -> bool:
    """Return whether almost no row follows: a count in the middle is that of a group."""
    return n_above >= staged.n_rows + staged.n_bad_before - _MOST_ROWS_OF_A_FOOTER


def _is_label(filled: Sequence[str], n_cells: int, n_above: int, first: str | None) -> bool:
    if not filled or first is None or not first.strip():
        return False
    rest = filled[1:]
    is_sparse = len(filled) * 2 <= n_cells or all(_numbers(value) for value in rest)
    if re.fullmatch(_LABELS, filled[0].strip(), re.IGNORECASE):
        return is_sparse
    # A trailer without a known word: a mark and the number of rows.
    return (
        len(filled) == 2 and n_cells >= 4 and n_above > 1 and _numbers(rest[0]) == [n_above]
    ) or (len(filled) == 1 and n_cells >= 4 and n_above > 1 and _numbers(first) == [n_above])


def _is_sum(
    connection: Connection, staged: Staged, filled: Sequence[str], values: Sequence[str | None]
) -> bool:
    """Recognise a total in the last row by its shape: a unique word, a number, and nothing else."""
    if len(filled) != 2 or len(values) < 4 or filled[0] != values[0] or re.search(r"\d", filled[0]):
        return False
    if not re.fullmatch(r"[\d.,' ]+", filled[1].strip()):
        return False
    first = name(staged.columns[0])
    rows = landed(file(staged.parquet))
    query = f"select count(*) from {rows} where {first} = {text(filled[0])}"  # noqa: S608
    return scalar(connection, query) == 1


def _told(filled: Sequence[str], n_above: int, *, is_at_end: bool) -> str:
    """Describe the row and whether its count agrees; refuse a file whose count differs."""
    numbers = _numbers(" ".join(filled))
    if len(numbers) != 1:
        return "The row is a label, total or footer, not data."
    agrees = any(numbers[0] - uncounted == n_above for uncounted in _UNCOUNTED)
    if is_at_end and not agrees and any(_IS_COUNT.search(value) for value in filled):
        raise RefusalError(
            f"A row at the end gives a count of {counted(numbers[0], 'row')}, but the file has "
            f"{n_above:,} above it: the file was cut or changed in transfer; export it again."
        )
    return (
        f"The row is a total or trailer, not data: it contains {numbers[0]:,}, and the file has "
        f"{counted(n_above, 'row')} above it."
    )


def _numbers(value: str) -> list[int]:
    """Read the whole numbers of a text, with or without thousands separators."""
    return [int(re.sub(r"\D", "", found)) for found in _NUMBER.findall(value)]
