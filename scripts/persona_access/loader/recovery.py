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
from persona_access.loader.session import Connection, file, name, scalar, text
from persona_access.loader.text_scan import TextScan

# No normal text contains it; if one does, the row counts do not match, and the text is refused.
_NO_DELIMITER = "\U0010ffff"
# A value of a thousand lines is an unclosed quote; joining more would only cost memory.
_MAX_LINES_OF_A_ROW = 1000


def raw_records(path: Path) -> str:
    """Return SQL like `raw_lines` after `sift`; a row of several lines contains all of them."""
    return f"""
        select row_number, record as raw_line from joined where is_row
        union all
        select row_number, raw_line from ({raw_lines(path)})
        where row_number not in (select row_number from joined where is_row)
    """  # noqa: S608 - literals are escaped


def raw_lines(path: Path) -> str:
    """Return SQL for the lines of a text: row_number (line 1 is the header) and raw_line."""
    return f"""
        select row_number() over () as row_number, coalesce(raw_line, '') as raw_line
        from read_csv(
            {file(path)}, auto_detect = false, header = false, columns = {{'raw_line': 'VARCHAR'}},
            delim = {text(_NO_DELIMITER)}, quote = '', escape = '', max_line_size = 4194304
        )
    """  # noqa: S608 - literals are escaped


# For each key, the columns that can contain it; the first delivered one is used.
Keys = Mapping[str, Sequence[str]]
KEYS: Keys = {key: (key,) for key in ("brid", "application_id", "account_id")}


@dataclass(frozen=True)
class Sifted:
    """The good rows as a relation with line numbers, and their expected number."""

    relation: str
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
    row = _RowSyntax(delimiter, len(columns))
    lines = _lines(scan, row)
    _separate(connection, lines, row, columns, keys)
    fields = ", ".join(f"fields[{at}] as {name(column)}" for at, column in enumerate(columns, 1))
    relation = f"""(
        select row_number, {fields}
        from (
            select row_number, {row.fields_of("record")} as fields
            from (
                select row_number, line as record from {lines} where is_row
                union all
                select row_number, record from joined where is_row
            )
            where row_number not in (select row_number from swallowed)
        )
    )"""  # noqa: S608 - names come from the contract, literals are escaped
    n_apart = scalar(
        connection,
        """
        select
            (select count(*) from loose)
            + (select count(*) from swallowed where row_number not in (
                select row_number from loose
            ))
            - (select count(*) from joined where is_row)
        """,
    )
    return Sifted(relation, scan.n_lines - 1 - n_apart)


def record_odd_lines(
    connection: Connection,
    lines: Sequence[tuple[int, str]],
    delimiter: str,
    columns: Sequence[str],
    keys: Keys,
) -> None:
    """Add lines that are not rows to `faults`, with their numbers; for texts without quotes."""
    relation = "(select unnest($numbers) as row_number, unnest($lines) as line, false as is_row)"
    connection.execute(
        f"create or replace temp table odd_lines as from {relation}",
        {"numbers": [number for number, _ in lines], "lines": [line for _, line in lines]},
    )
    _separate(connection, "odd_lines", _RowSyntax(delimiter, len(columns)), columns, keys)


def _separate(
    connection: Connection, lines: str, row: _RowSyntax, columns: Sequence[str], keys: Keys
) -> None:
    """Separate the lines that are not rows into rows of several lines, and faults."""
    _take_loose_lines(connection, lines)
    _join_lines(connection, row)
    _find_swallowed(connection, lines, row)
    _record_faults(connection, row, columns, keys)


class _RowSyntax:
    """SQL fragments for rows of a given number of fields."""

    def __init__(self, delimiter: str, n_fields: int) -> None:
        sign = re.escape(delimiter)
        quoted = ' *"(?:[^"]|"")*" *'
        bare = rf' *(?:[^" {sign}\n][^{sign}\n]*)?'
        self._field = f"(?:{quoted}|{bare})"
        self._sign = sign
        self.delimiter = text(delimiter)
        self.n_fields = n_fields
        self.whole = text(f"{self._field}(?:{sign}{self._field}){{{n_fields - 1}}}")
        self.of_any_length = text(f"{self._field}(?:{sign}{self._field})*")

    def fields_of(self, record: str) -> str:
        """Return SQL for the list of values of a record with this syntax."""
        each = text(f"({self._field}){self._sign}")
        return f"""
            case when contains({record}, '"') then list_transform(
                regexp_extract_all({record} || {self.delimiter}, {each}, 1),
                lambda field: case
                    when starts_with(ltrim(field), '"')
                        then replace(trim(field)[2:-2], '""', '"')
                    else field
                end
            )
            else string_split({record}, {self.delimiter}) end
        """


def _lines(scan: TextScan, row: _RowSyntax) -> str:
    """Return SQL for the lines below the header, and whether each is a complete row."""
    return f"""(
        select
            row_number,
            raw_line as line,
            case
                when contains(line, '"') then regexp_full_match(line, {row.whole})
                else len(line) - len(replace(line, {row.delimiter}, '')) = {row.n_fields - 1}
            end as is_row
        from ({raw_lines(scan.text)})
        where row_number > 1
    )"""  # noqa: S608 - literals are escaped


def _take_loose_lines(connection: Connection, lines: str) -> None:
    connection.execute(
        f"""
        create or replace temp table loose as
        with
        counted as (
            select
                row_number,
                line,
                len(line) - len(replace(line, '"', '')) as n_quotes,
                row_number - row_number() over (order by row_number) as island
            from {lines}
            where not is_row
        ),
        opened as (
            select
                *,
                coalesce(sum(n_quotes) over (
                    partition by island order by row_number
                    rows between unbounded preceding and 1 preceding
                ), 0) % 2 = 1 as is_continued
            from counted
        )
        select
            *,
            max(case when not is_continued then row_number end) over (
                partition by island order by row_number
                rows between unbounded preceding and current row
            ) as starts_at
        from opened
        """  # noqa: S608 - literals are escaped
    )


def _join_lines(connection: Connection, row: _RowSyntax) -> None:
    """Join the lines between complete rows if quotes show that a value continues."""
    connection.execute(
        f"""
        create or replace temp table joined as
        select
            starts_at as row_number,
            max(row_number) as ends_at,
            sum(n_quotes) % 2 = 1 as is_open,
            string_agg(line, chr(10) order by row_number)
                filter (where row_number < starts_at + {_MAX_LINES_OF_A_ROW}) as record,
            count(*) between 2 and {_MAX_LINES_OF_A_ROW}
                and regexp_full_match(record, {row.whole}) as is_row
        from loose
        group by starts_at
        """  # noqa: S608 - literals are escaped
    )


def _find_swallowed(connection: Connection, lines: str, row: _RowSyntax) -> None:
    """Find the lines from an open quote to a later line that would close it."""
    connection.execute(
        """
        create or replace temp table swallowed (
            row_number bigint, line varchar, opens_at bigint, closes_at bigint
        )
        """
    )
    if scalar(connection, "select count(*) from joined where is_open") == 0:
        return
    connection.execute(
        f"""
        create or replace temp table closed as
        with
        closing as (
            select row_number, line
            from {lines}
            where contains(replace(line, '""', ''), '"')
        )
        select joined.row_number as opens_at, closing.row_number as closes_at
        from joined
        asof join closing on joined.ends_at < closing.row_number
        where
            joined.is_open
            and regexp_full_match(joined.record || chr(10) || closing.line, {row.whole})
        """  # noqa: S608 - literals are escaped
    )
    if scalar(connection, "select count(*) from closed") == 0:
        return
    connection.execute(
        f"""
        insert into swallowed
        select lines.row_number, lines.line, min(opens_at), max(closes_at)
        from {lines} as lines
        inner join closed on lines.row_number between closed.opens_at and closed.closes_at
        group by lines.row_number, lines.line
        """  # noqa: S608 - literals are escaped
    )


def _record_faults(
    connection: Connection, row: _RowSyntax, columns: Sequence[str], keys: Keys
) -> None:
    keyed = [normalise_name(column) for column in columns]

    def key(column: str) -> str:
        named = [normalise_name(header) for header in keys.get(column, ())]
        found = [header for header in named if header in keyed]
        if not found:
            return "null"
        at = keyed.index(found[0]) + 1
        # After a broken quote, fields cannot be separated; the fields before it can.
        return f"""nullif(trim(case
            when is_sound then fields[{at}]
            when len(fields_before) > {at} then fields_before[{at}]
        end), '')"""

    connection.execute(
        f"""
        insert into faults
        with
        faulty as (
            select row_number, line, opens_at, closes_at from swallowed
            union all
            select loose.row_number, loose.line, null, null
            from loose
            inner join joined on loose.starts_at = joined.row_number
            where
                not joined.is_row
                and loose.row_number not in (select row_number from swallowed)
        ),
        with_fields as (
            select
                *,
                regexp_full_match(line, {row.of_any_length}) as is_sound,
                {row.fields_of("line")} as fields,
                string_split(split_part(line, '"', 1), {row.delimiter}) as fields_before,
                case
                    when opens_at is not null or not is_sound then 'broken_quote'
                    when len(fields) < {row.n_fields} then 'too_few_fields'
                    else 'too_many_fields'
                end as reason
            from faulty
            where trim(line, ' ' || chr(9)) <> ''
        )
        select
            row_number,
            null as column_name,
            null as value,
            reason,
            case
                when opens_at is not null then format(
                    'A quote opened on line {{}} is closed on line {{}}, across whole rows, so '
                    'the lines between cannot be separated.', opens_at, closes_at
                )
                when reason = 'broken_quote'
                    then 'A quote is not closed, or is in a place where quotes are not allowed.'
                else format(
                    'The row does not fit the header: it has {{}} of {row.n_fields} fields.',
                    len(fields)
                )
            end as message,
            {key("brid")} as brid,
            {key("application_id")} as application_id,
            {key("account_id")} as account_id,
            'row' as quarantined_part,
            line as raw_line
        from with_fields
        """  # noqa: S608 - literals are escaped
    )
