"""Normalise the text of a source: UTF-8, one header on line 1, then only rows."""

from __future__ import annotations

import csv
import fnmatch
import io
import itertools
import re
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from persona_access.base.errors import RefusalError
from persona_access.loader.expand import BLOCK, copy_expanded, gunzipped
from persona_access.loader.feed_mappings.declaration import Table
from persona_access.loader.feed_mappings.drift import check_positions, refuse_data_as_labels
from persona_access.loader.feed_mappings.likeness import names_known
from persona_access.loader.feed_mappings.shape import find_header, is_value

_TAIL = 1 << 16


@dataclass(frozen=True)
class PlainText:
    """A text to read, and the offset of its line numbers from those of the delivered file."""

    path: Path
    line_offset: int


def plain_text(path: Path, table: Table, *, work: Path, max_bytes: int) -> PlainText:
    """Return the delivered text, changed only as the declaration requires.

    Raises RefusalError if the file differs from the declaration.
    """
    if path.name.lower().endswith(".zip"):
        path = _unpacked(path, table, work / "member.csv", max_bytes)
    elif path.name.lower().endswith(".gz") and not _is_plain(table):
        path = gunzipped(path, work / "expanded.csv", max_bytes)
    if table.encoding != "utf-8":
        path = _recoded(path, table.encoding, work / "utf8.csv")
    if table.fixed_width:
        return PlainText(_delimited(path, table, work / "delimited.csv"), _first_line(table) - 2)
    if _is_plain(table):
        return PlainText(path, 0)
    return _from_header(path, table, work / "table.csv")


def delivered_line(path: Path, table: Table, line: int, *, work: Path, max_bytes: int) -> str:
    """Return one line of a delivered text, numbered from 1; '' after its end.

    Raises RefusalError if the file differs from the declaration.
    """
    if path.name.lower().endswith(".zip"):
        path = _unpacked(path, table, work / "titled.csv", max_bytes)
    elif path.name.lower().endswith(".gz"):
        path = gunzipped(path, work / "titled.csv", max_bytes)
    encoding = "utf-8-sig" if table.encoding == "utf-8" else table.encoding
    with path.open("r", encoding=encoding, errors="replace") as text:
        return next(itertools.islice(text, line - 1, None), "").rstrip("\n")


def _is_plain(table: Table) -> bool:
    return (
        table.header_row == 1
        and table.header_rows == 1
        and table.label_rows == 0
        and table.footer is None
        and table.encoding == "utf-8"
        and not table.fixed_width
        and not table.names
    )


def _unpacked(path: Path, table: Table, target: Path, max_bytes: int) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            found = [
                info
                for info in archive.infolist()
                if not info.is_dir() and fnmatch.fnmatch(info.filename, table.member or "*")
            ]
            if len(found) != 1:
                raise RefusalError(
                    f"The archive has {len(found)} files that match '{table.member or '*'}'; "
                    "only one can be read: name it in table.member."
                )
            with archive.open(found[0]) as packed:
                copy_expanded(packed, target, max_bytes)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise RefusalError(
            f"The file is not a valid zip archive ({error}): transfer it again."
        ) from error
    return target


def _recoded(path: Path, encoding: str, target: Path) -> Path:
    try:
        with (
            path.open("r", encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as plain,
        ):
            shutil.copyfileobj(source, plain, BLOCK)
    except UnicodeError as error:
        raise RefusalError(
            f"The file is not text in {encoding}, the encoding that its mapping declares ({error})."
        ) from error
    return target


def _first_line(table: Table) -> int:
    """Return the line, from 1, of the first row of a table without a header line."""
    return 1 if table.header_row == "find" else table.header_row


def _from_header(path: Path, table: Table, target: Path) -> PlainText:
    with path.open("rb") as source, target.open("wb") as plain:
        if table.names:
            return _named(source, plain, table, target)
        line = _header_line(source, table)
        source.seek(0)
        for _ in range(line - 1):
            source.readline()
        names = [source.readline() for _ in range(table.header_rows)]
        if not names[0].strip():
            raise RefusalError(
                f"Line {line} is empty, but the mapping declares the header there: correct "
                "header_row."
            )
        plain.write(names[0] if len(names) == 1 else _joined(names, table.delimiter or ","))
        labels = [source.readline() for _ in range(table.label_rows)]
        if labels:
            below = source.tell()
            *skipped, following = _rows([*labels, source.readline()], table.delimiter or ",")
            refuse_data_as_labels(skipped, following)
            source.seek(below)
        shutil.copyfileobj(source, plain, BLOCK)
    if table.footer is not None:
        _cut_footer(target, re.compile(table.footer))
    return PlainText(target, line - 1 + table.header_rows - 1 + table.label_rows)


def _named(source: IO[bytes], plain: IO[bytes], table: Table, target: Path) -> PlainText:
    """Write the declared names above rows without a header."""
    first = _first_line(table)
    for _ in range(first - 1):
        source.readline()
    begin = source.tell()
    (cells,) = _rows([source.readline()], table.delimiter or ",")
    check_names(table, cells, f"Line {first}")
    text = io.StringIO()
    csv.writer(text, delimiter=table.delimiter or ",", lineterminator="\n").writerow(table.names)
    plain.write(text.getvalue().encode())
    source.seek(begin)
    shutil.copyfileobj(source, plain, BLOCK)
    plain.flush()
    if table.footer is not None:
        _cut_footer(target, re.compile(table.footer))
    return PlainText(target, first - 2)


def check_names(table: Table, cells: Sequence[str], place: str) -> None:
    """Refuse a first row that is a header, or has another number of columns than the mapping."""
    if names_known(cells) > 1 and not any(map(is_value, filter(None, cells))):
        raise RefusalError(
            f"{place} looks like a header ({', '.join(cells[:4])}, ...), but the mapping "
            "declares none: remove table.names, and read the columns by their delivered names."
        )
    if len(cells) != len(table.names):
        raise RefusalError(
            f"{place} has {len(cells)} fields, and table.names has {len(table.names)}: without "
            "a header the columns cannot be identified, so ask the source and correct "
            "table.names."
        )


def _header_line(source: IO[bytes], table: Table) -> int:
    if table.header_row != "find":
        return table.header_row
    lines = [source.readline().decode("utf-8", "replace").rstrip("\r\n") for _ in range(60)]
    rows = list(csv.reader(lines, delimiter=table.delimiter or ","))
    header = find_header(rows, names_known)
    if header is None:
        raise RefusalError(
            "No line looks like a header: write the number of the header line into header_row."
        )
    return header.line


def _rows(lines: list[bytes], delimiter: str) -> list[list[str]]:
    """Return the cells of each line, each parsed separately."""
    texts = [line.decode("utf-8-sig", "replace").rstrip("\r\n") for line in lines]
    return [next(csv.reader([text], delimiter=delimiter), []) for text in texts]


def _joined(names: list[bytes], delimiter: str) -> bytes:
    """Join the names of several header lines, column by column."""
    rows = _rows(names, delimiter)
    width = max(len(row) for row in rows)
    columns = [" ".join(row[n].strip() for row in rows if n < len(row)) for n in range(width)]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(
        [column.strip() for column in columns]
    )
    return text.getvalue().encode()


def _cut_footer(target: Path, footer: re.Pattern[str]) -> None:
    """Cut the footer: from the first of the last lines whose start the expression matches."""
    size = target.stat().st_size
    with target.open("r+b") as file:
        file.seek(max(0, size - _TAIL))
        position = file.tell()
        if position:
            position += len(file.readline())
        for line in file.read().splitlines(keepends=True):
            if footer.search(line.decode("utf-8", "replace").lstrip('"\ufeff ')):
                file.truncate(position)
                return
            position += len(line)


def _delimited(path: Path, table: Table, target: Path) -> Path:
    """Write a fixed-width file as CSV; skip lines without a value in the first column."""
    spans = [(first - 1, last) for first, last in table.fixed_width.values()]
    footer = re.compile(table.footer) if table.footer else None
    with path.open("r", encoding="utf-8", newline=None) as source:
        check_positions(source, table, _first_line(table) + table.label_rows)
    with (
        path.open("r", encoding="utf-8", newline=None) as source,
        target.open("w", encoding="utf-8", newline="") as plain,
    ):
        writer = csv.writer(plain, lineterminator="\n")
        writer.writerow(table.fixed_width)
        for number, line in enumerate(source, start=1):
            if number < _first_line(table) + table.label_rows:
                continue
            if footer is not None and footer.search(line):
                break
            writer.writerow([line[start:end].strip() for start, end in spans])
    return target
