"""Detect changes of a source after which its mapping still reads the file, but wrongly."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from persona_access.base.contracts import ATTRIBUTES, Contract
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.base.printable import counted, listed
from persona_access.base.sql import statement
from persona_access.loader.feed_mappings.declaration import FeedMapping, Table
from persona_access.loader.feed_mappings.expressions import SHEET, Mapped, matches
from persona_access.loader.feed_mappings.likeness import SEPARATORS, parse_date, shape_of
from persona_access.loader.feed_mappings.shape import is_value
from persona_access.loader.session import Connection, file, name, scalar, text
from persona_access.loader.staging import Staged

# More values than typing errors explain, if only the other order of day and month reads them.
_TURNED_SHARE = 0.1
_LINES_SEEN = 60
# A smaller group can have moved to another; one of this size and share of the last file has not.
_GROUP_ROWS, _GROUP_SHARE = 10, 0.01
# Matrix cells that mean no.
_NO = ("n", "no", "0", "false", "-", "--")


def refuse_data_as_labels(skipped: Sequence[Sequence[str]], following: Sequence[str]) -> None:
    """Refuse to skip a row of labels that contains data: it belongs to a person."""
    shapes = [shape_of(cell) for cell in following]
    for row in skipped:
        for cell, shape in zip(row, shapes, strict=False):
            is_alike = re.search(r"\d", cell) is not None and shape_of(cell) == shape
            if cell.strip() and (is_alike or is_value(cell.strip())):
                raise RefusalError(
                    f"The row below the header contains data ({cell.strip()!r}), but the "
                    "mapping skips it as labels: correct label_rows."
                )


def check_positions(lines: Iterable[str], table: Table, first_line: int) -> None:
    """Refuse a fixed-width file whose header does not match the column positions of the mapping."""
    names = list(table.fixed_width)
    for number, line in zip(range(1, _LINES_SEEN), lines, strict=False):
        found = [_position(line, column) for column in names]
        if None in found:
            continue
        if number >= first_line:
            raise RefusalError(
                f"Line {number} has the column names, and the mapping has rows from line "
                f"{first_line} on: correct header_row, which is the line of the first row."
            )
        for column, at in zip(names, found, strict=True):
            first, last = table.fixed_width[column]
            if at is not None and not first <= at <= last:
                raise RefusalError(
                    f"Column '{column}' begins at position {at}, and the mapping reads it from "
                    f"{first} to {last}: correct fixed_width."
                )
        return


def _position(line: str, column: str) -> int | None:
    found = re.search(rf"(?<!\w){re.escape(column)}(?!\w)", line, re.IGNORECASE)
    return None if found is None else found.start() + 1


def refuse_another_separator(connection: Connection, staged: Staged, column: Mapped) -> None:
    """Refuse a column of lists that does not use the declared separator."""
    assert column.split is not None  # noqa: S101 - asked before
    others = [sign for sign in SEPARATORS if sign != column.split]
    counted = ", ".join(
        f"count(*) filter (where contains({column.origin}, {text(sign)}))"
        for sign in (column.split, *others)
    )
    query = f"select count({column.origin}), {counted} from {landed(file(staged.parquet))} as rows"  # noqa: S608
    n_all, n_declared, *n_others = connection.execute(query).fetchone() or (0, 0)
    for sign, n_found in zip(others, n_others, strict=False):
        if n_declared == 0 and 2 * n_found > n_all:
            raise RefusalError(
                f"No value of '{column.header or column.column}' has {column.split!r}, at which "
                f"the mapping splits, and {n_found:,} of {n_all:,} have {sign!r}: correct split of "
                f"{column.column}."
            )


def check_cells(
    connection: Connection,
    staged: Staged,
    headers: Sequence[str],
    mapping: FeedMapping,
    contract: Contract,
) -> tuple[str, ...]:
    """Report matrix cells that the mapping does not know; refuse the file if there are many."""
    unpivot = mapping.unpivot
    if unpivot is None or not unpivot.held:
        return ()
    known = [*unpivot.held, *_NO, *mapping.nothing, *contract.words_for_nothing]
    parts = {
        "cells": ", ".join(name(header) for header in headers),
        "rows": landed(file(staged.parquet)),
    }
    query = statement(__package__, "unknown_cells", **parts)
    words = {"known": [word.strip().casefold() for word in known]}
    ((n_unknown, found, n_filled),) = connection.execute(query, words).fetchall()
    if not n_unknown:
        return ()
    sentence = (
        f"{counted(n_unknown, 'cell')} with {listed([repr(word) for word in sorted(found)])}, "
        f"which unpivot of feeds/{mapping.source}.yml does not declare: list each such word below "
        "held if it means yes, else below nothing."
    )
    if not contract.tolerates(n_bad=n_unknown, n_read=n_filled):
        raise RefusalError(sentence)
    return (f"{sentence} These cells are ignored.",)


def tell_lost_columns(
    mapping: FeedMapping, headers: Collection[str], previous: Collection[str]
) -> tuple[str, ...]:
    """Report matrix columns of the previous file that are missing in this file."""
    if mapping.unpivot is None:
        return ()
    lost = [
        column
        for column in previous
        if column not in headers
        and any(matches(pattern, column) for pattern in mapping.unpivot.columns)
    ]
    if not lost:
        return ()
    told = (
        f"{listed([repr(column) for column in lost])}, which unpivot of feeds/{mapping.source}.yml "
        "reads, came with the last file and not with this one: ask the source whether it is gone."
    )
    return (told,)


def refuse_turned_dates(
    connection: Connection, staged: Staged, mapping: FeedMapping, contract: Contract
) -> None:
    """Refuse a file with day and month in the other order: some dates would be read wrongly."""
    dates = {column.name for column in contract.columns if column.parse_as == "date"}
    for target in dates & mapping.columns.keys():
        declared = mapping.columns[target].dates
        orders = {code.index("%d") < code.index("%m") for code in declared if _has_both(code)}
        if len(orders) != 1:
            continue
        is_bad = "column_name = ? and reason is not null"
        query = f"select delivered, n_rows from readings where {is_bad} order by delivered"  # noqa: S608
        bad = connection.execute(query, [target]).fetchall()
        turned = [_turned(code) for code in declared if _has_both(code)]
        n_bad = sum(n_rows for _, n_rows in bad)
        n_turned = sum(
            n_rows
            for value, n_rows in bad
            if any(parse_date(str(value), code) is not None for code in turned)
        )
        rows = landed(file(staged.parquet))
        n_all = scalar(connection, f"select count({name(target)}) from {rows}")  # noqa: S608
        if n_bad and 2 * n_turned > n_bad and n_turned > _TURNED_SHARE * n_all:
            first, second = ("day", "month") if orders == {True} else ("month", "day")
            raise RefusalError(
                f"{n_turned:,} of {n_all:,} dates of {target} have the {second} first, such as "
                f"'{bad[0][0]}', and the mapping has the {first} first, so the others would be "
                f"read wrongly: correct columns.{target}.dates in feeds/{mapping.source}.yml."
            )


def _has_both(code: str) -> bool:
    return "%d" in code and "%m" in code and not code.startswith("%Y")


def _turned(code: str) -> str:
    return code.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def tell_empty_columns(
    connection: Connection, rows: Path, columns: Collection[str], contract: Contract
) -> tuple[str, ...]:
    """Report required columns that were delivered without any value."""
    needed = [
        column.name for column in contract.columns if column.is_required and column.name in columns
    ]
    counted = ", ".join(f"count({name(column)})" for column in needed)
    query = f"select {counted} from {landed(file(rows))}"  # noqa: S608 - names are quoted
    counts = connection.execute(query).fetchone() or ()
    empty = [column for column, n_filled in zip(needed, counts, strict=False) if n_filled == 0]
    return tuple(
        f"{column} is empty on every row: ask the source whether it still delivers it."
        for column in empty
    )


def tell_lost_groups(
    connection: Connection,
    rows: Path,
    previous: Path,
    columns: tuple[Collection[str], Collection[str]],
    contract: Contract,
) -> tuple[str, ...]:
    """Report sheets, regions and other groups of the previous file that are missing in this file.

    `columns` are those of this file and of the previous one; both files are landed.
    """
    groups = {
        column.name: name(column.name)
        for column in contract.columns
        if column.is_group and not column.is_attribute
    }
    groups[SHEET] = name(SHEET)
    groups = {given: value for given, value in groups.items() if all(given in c for c in columns)}
    if all(ATTRIBUTES in c for c in columns):
        for column in contract.columns:
            if column.is_attribute:
                groups[column.name] = f"({ATTRIBUTES} ->> {text('$.' + column.name)})"
    now, before = landed(file(rows)), landed(file(previous))
    told = []
    for group, value in groups.items():
        found = connection.execute(
            statement(__package__, "groups", group_value=value, rows=before),
            {"is_sheet": group == SHEET, "n_least": _GROUP_ROWS, "least_share": _GROUP_SHARE},
        ).fetchall()
        query = f"select distinct {value} from {now}"  # noqa: S608 - names are quoted
        kept = {row[0] for row in connection.execute(query).fetchall()} if found else set()
        lost = [(given, n_rows) for given, n_rows in found if given not in kept]
        if lost and kept != {None}:
            values = listed([f"{given!r} ({counted(n_rows, 'row')})" for given, n_rows in lost])
            told.append(
                f"{'Sheet' if group == SHEET else group} {values} came with the "
                "last file and not with this one: ask the source whether a part is missing."
            )
    return tuple(told)
