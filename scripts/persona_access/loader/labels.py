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
from persona_access.loader.session import Connection, file, name, scalar, text
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
    cells = ", ".join(name(column) for column in staged.columns)
    # Each distinct first cell is checked once; rows are read only for a label, or for the last
    # row.
    connection.execute(
        f"""
        create or replace temp table label_cells as
        select cell
        from (select {name(first)} as cell from {rows} group by 1)
        where regexp_full_match(lower(trim(cell)), {text(_LABELS)})
        """  # noqa: S608 - names are quoted
    )
    last = scalar(connection, f"select max(row_number) from {rows}")  # noqa: S608
    has_labels = scalar(connection, "select count(*) from label_cells") > 0
    is_label = f"or {name(first)} in (from label_cells)" if has_labels else ""
    found = connection.execute(
        f"""
        select row_number, [{cells}] as cells from {rows}
        where row_number = {last} {is_label}
        order by row_number limit {_MOST_SHOWN}
        """  # noqa: S608 - names are quoted
    ).fetchall()
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
            f"""
            insert into faults
            select
                label.row_number, {text(first)}, staged.{name(first)}, '{LABEL}', label.message,
                null, null, null, 'row', null
            from (select unnest($numbers) as row_number, unnest($messages) as message) as label
            inner join {rows} as staged on label.row_number = staged.row_number
            """,  # noqa: S608 - names are quoted
            {"numbers": list(labels), "messages": list(labels.values())},
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
    connection.execute(
        f"""
        insert into faults
        select
            staged.row_number, {text(key.name)}, staged.{name(key.name)}, '{INCOMPLETE}',
            'The row has nothing but a BRID: it is a total or trailer, or it was cut.',
            trim(staged.{name(key.name)}), null, null, 'row', null
        from {landed(file(staged.parquet))} as staged
        where
            {" and ".join(is_empty)}
            and {is_brid_sql(f"trim(staged.{name(key.name)})")}
            and staged.row_number not in (select row_number from faults)
        """  # noqa: S608 - names come from the contract, literals are escaped
    )


def _find_in_lines(connection: Connection, staged: Staged) -> None:
    """Search the lines that do not fit the header, as most footers do not."""
    bare = "trim(raw_line, ' ,;|\"' || chr(9))"
    found = connection.execute(
        f"""
        select row_number, {bare} from faults
        where reason like 'too_%' and regexp_full_match(lower({bare}), {text(_LABELS)})
        order by row_number limit {_MOST_SHOWN}
        """  # noqa: S608 - literals are escaped
    ).fetchall()
    for row_number, line in found:
        cells = [cell.strip() for cell in re.split(r"[,;|\t]", line) if cell.strip()]
        n_above = _n_above(connection, staged, row_number)
        message = _told(cells, n_above, is_at_end=_is_at_end(staged, n_above))
        connection.execute(
            f"""
            update faults set reason = '{LABEL}', message = $message, brid = null,
                application_id = null, account_id = null
            where row_number = $row_number
            """,  # noqa: S608 - a constant
            {"message": message, "row_number": row_number},
        )


def _n_above(connection: Connection, staged: Staged, row_number: int) -> int:
    """Count the rows above, good and bad, without labels."""
    row = connection.execute(
        f"""
        select
            (select count(*) from {landed(file(staged.parquet))} where row_number < $at)
            + (select count(*) from faults where row_number < $at and reason <> '{LABEL}')
        """,  # noqa: S608 - a constant
        {"at": row_number},
    ).fetchone()
    return int(row[0]) if row else 0


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
