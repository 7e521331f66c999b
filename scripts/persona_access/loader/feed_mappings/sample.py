"""Read the first lines of an unknown file of any format as text."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from persona_access.base.errors import RefusalError

_LINES = 1_000
_BYTES = 1 << 21
_DELIMITERS = (",", ";", "\t", "|")
# On this number of lines, including titles, a column of a fixed-width file can be blank.
_FEW = 0.05
_LAST_WIDTH = 200
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")


@dataclass(frozen=True)
class Sample:
    """A table of a file: the text of its first lines, and the format of the file."""

    rows: list[list[str]]
    sheet: str | None = None
    is_hidden: bool = False
    delimiter: str | None = None
    encoding: str = "utf-8"
    member: str | None = None
    is_parquet: bool = False
    # For a fixed-width file: first and last position of each column, from 1.
    spans: tuple[tuple[int, int], ...] = ()


def read_samples(file: Path) -> list[Sample]:
    """Return a sample of each table of a file; a workbook has one table for each sheet.

    Raises RefusalError if the file is not a table in a supported format.
    """
    name = file.name.lower()
    if name.endswith(".parquet"):
        return [_parquet(file)]
    if name.endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")):
        return list(_sheets(file))
    if name.endswith(".zip"):
        return [_zipped(file)]
    with file.open("rb") as raw:
        stream = gzip.GzipFile(fileobj=raw) if name.endswith(".gz") else raw
        return [_text(stream.read(_BYTES), file)]


def _text(data: bytes, file: Path, member: str | None = None) -> Sample:
    encoding, text = _decoded(data, file)
    if len(data) == _BYTES:
        text = text[: text.rfind("\n") + 1]
    lines = text.splitlines()[:_LINES]
    body = [line for line in lines if line and not line.startswith("#TYPE")]
    if not body:
        raise RefusalError(f"{file.name} holds no lines: name another file.")
    delimiter = max(_DELIMITERS, key=lambda sign: _steadiness(body, sign))
    if _steadiness(body, delimiter)[0] * 2 < len(body) and (spans := _spans(lines)):
        rows = [[line[first - 1 : last].strip() for first, last in spans] for line in lines]
        plain = "utf-8" if encoding == "utf-8-sig" else encoding
        return Sample(rows, encoding=plain, member=member, spans=spans)
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    return Sample(rows, delimiter=delimiter, encoding=plain, member=member)


def _decoded(data: bytes, file: Path) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            # The block can end within a character: omit the last bytes.
            return encoding, data[: len(data) - 4 if len(data) == _BYTES else None].decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RefusalError(f"{file.name} is not text in UTF-8, UTF-16 or Windows-1252.")


def _steadiness(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Rate a delimiter: the number of lines with its most common count, and that count."""
    counts = [line.count(delimiter) for line in lines]
    common = max(set(counts), key=lambda n: (counts.count(n) if n else 0, n))
    return (counts.count(common) if common else 0, common)


def _spans(lines: list[str]) -> tuple[tuple[int, int], ...]:
    """Find the columns of a fixed-width file: by a line of dashes, or by blank positions.

    Empty if there are fewer than two.
    """
    ruled = next((line for line in lines if re.fullmatch(r"\s*[-=]+(\s+[-=]+)+\s*", line)), None)
    if ruled is not None:
        starts = [match.start() for match in re.finditer(r"[-=]+", ruled)]
    else:
        filled = [line for line in lines if line.strip()]
        width = max(map(len, filled), default=0)
        few = _FEW * len(filled)
        is_blank = [
            sum(line[at : at + 1].strip() != "" for line in filled) <= few for at in range(width)
        ]
        starts = [at for at in range(width) if not is_blank[at] and (at == 0 or is_blank[at - 1])]
    if len(starts) < 2:
        return ()
    # The last column has no end, so that longer values of later weeks fit in it.
    ends = [*starts[1:], starts[-1] + _LAST_WIDTH]
    return tuple((start + 1, end) for start, end in zip(starts, ends, strict=True))


def _sheets(file: Path) -> Iterator[Sample]:
    import fastexcel

    try:
        workbook = fastexcel.read_excel(file)
        for sheet in workbook.sheet_names:
            loaded = workbook.load_sheet(sheet, header_row=None, n_rows=_LINES, dtypes="string")
            table = loaded.to_arrow()
            columns = [column.to_pylist() for column in table.columns]
            rows = [
                ["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True)
            ]
            yield Sample(rows, sheet=sheet, is_hidden=loaded.visible != "visible")
    except (fastexcel.FastExcelError, OSError, ValueError) as error:
        raise RefusalError(f"{file.name} cannot be read as a workbook ({error}).") from error


def _zipped(file: Path) -> Sample:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) != 1:
                raise RefusalError(
                    f"{file.name} holds {len(members)} files; only one can be read: name it "
                    "with `table.member` in the mapping."
                )
            with archive.open(members[0]) as stream:
                return _text(stream.read(_BYTES), file, member=members[0].filename)
    except zipfile.BadZipFile as error:
        raise RefusalError(f"{file.name} is not a zip archive ({error}).") from error


def _parquet(file: Path) -> Sample:
    with duckdb.connect() as connection:
        try:
            found = connection.from_parquet(str(file)).limit(_LINES)
            rows = [["" if cell is None else str(cell) for cell in row] for row in found.fetchall()]
            return Sample([list(found.columns), *rows], is_parquet=True)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise RefusalError(f"{file.name} cannot be read as Parquet ({first}).") from error
