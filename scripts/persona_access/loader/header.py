"""Match the columns of a delivery with the feed's contract."""

from __future__ import annotations

import csv
import difflib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.errors import RefusalError
from persona_access.base.printable import listed, printable
from persona_access.loader.text_scan import DELIMITERS

# Columns that the loader adds to a feed, and columns that name the folders of its files.
LOADER_COLUMNS = (
    "load_id", "file_name", "file_sha256", "row_number", "loaded_at", "extract_date", "version",
    "attributes", "code_state",
)  # fmt: skip
# The UTF-8 mark, as a spreadsheet saves it that read the file in another character set.
_MARK_MISREAD = "\u00ef\u00bb\u00bf"
# A file of answers needs one of these columns: otherwise it contains no answer.
_SAYING = ("decision", "ticket_number", "ticket_state")
_MAX_OTHER_COLUMNS = 200
_MAX_NAME_LENGTH = 100


def read_csv_header(
    text: Path, contract: Contract, delimiter: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter, and the contract's name for each column of the file, in order.

    Without a given delimiter, find it. Raises RefusalError if line 1 is not a header that fits the
    contract.
    """
    with text.open("r", encoding="utf-8-sig", newline="\n") as file:
        line = file.readline().rstrip("\r\n")
    if not line.strip():
        raise RefusalError(
            f"Line 1 is empty, but must be the header ({_expected(contract)}): remove the "
            "empty lines above it."
        )
    if line.startswith(_MARK_MISREAD):
        raise RefusalError(
            "The file was opened and saved in another character set than UTF-8, so its "
            "letters can be wrong: open the original as UTF-8, and save it again."
        )
    if line.count('"') % 2:
        raise RefusalError(
            "A quote on line 1 is never closed, so the header cannot be read: write the column "
            "names on one line, without quotes."
        )
    known = {normalise_name(name) for name in contract.column_names}

    def n_known(delimiter: str) -> tuple[int, int]:
        names = _split(line, delimiter)
        return sum(normalise_name(name) in known for name in names), len(names)

    delimiter = delimiter or max(DELIMITERS, key=n_known)
    return delimiter, match_columns(_split(line, delimiter), contract, is_end_named=False)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise RefusalError(
            f"Line 1 cannot be read as a header ({error}): it must contain the column names, "
            "separated by commas."
        ) from error


def match_columns(
    found: Sequence[str], contract: Contract, *, is_end_named: bool = True
) -> tuple[str, ...]:
    """Return the contract's column name for each found name, compared by `normalise_name`.

    A column outside the contract keeps its own name; the contract of a source with a mapping has
    no columns. Unless `is_end_named`, delimiters after the last name are columns without a name,
    as spreadsheets write them. Raises RefusalError, which lists the missing, unnamed and
    duplicate columns.
    """
    by_key = {normalise_name(name): name for name in contract.column_names}
    keys = [normalise_name(name) for name in found]
    n_named = max((at for at, key in enumerate(keys, start=1) if key or is_end_named), default=0)
    if by_key and not any(key in by_key for key in keys):
        raise RefusalError(
            f"The first line is not the header of {contract.feed}: it has none of its columns. "
            "Line 1 must contain the column names, separated by commas.",
            details=_found_and_expected(found, contract),
        )
    faults = [
        *_missing(keys, found, contract, by_key),
        *(
            f"column {position} has no name"
            for position, key in enumerate(keys[:n_named], start=1)
            if by_key and not key
        ),
        *(
            f"'{by_key[key]}' occurs {n} times"
            for key, n in Counter(keys).items()
            if n > 1 and key in by_key
        ),
    ]
    if contract.has_codes and not any(by_key.get(key) in _SAYING for key in keys):
        faults.append("column 'decision' is missing, so the file contains no decisions")
    if faults:
        raise RefusalError(
            f"The header does not fit the contract of {contract.feed}: {listed(faults, '; ')}.",
            details=_found_and_expected(found, contract),
        )
    n_others = sum(key not in by_key for key in keys)
    if by_key and n_others > _MAX_OTHER_COLUMNS:
        raise RefusalError(
            f"The header has {n_others:,} columns that the contract of {contract.feed} does not "
            "name: deliver only the columns of the feed.",
            details=_found_and_expected(found, contract),
        )
    return _named(keys, found, by_key)


def again(header: str, position: int) -> str:
    """Return a name for a column with a repeated header, for a source with a mapping."""
    return f"{header} (column {position})"


def _named(keys: Sequence[str], found: Sequence[str], by_key: dict[str, str]) -> tuple[str, ...]:
    """Name each column; one that looks the same as another, or as one of ours, gets a number."""
    taken = {*(column.lower() for column in by_key.values()), *LOADER_COLUMNS}
    columns = []
    for position, (key, delivered) in enumerate(zip(keys, found, strict=True), start=1):
        column = by_key.get(key)
        if column is None:
            stem = printable(delivered.strip())[:_MAX_NAME_LENGTH] or f"column {position}"
            column = stem
            if not by_key and key and key in keys[: position - 1]:
                column = again(stem, position)
            number = 2
            while column.lower() in taken:
                column = f"{stem}_{number}"
                number += 1
            taken.add(column.lower())
        columns.append(column)
    return tuple(columns)


def other_columns(columns: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """Return the columns outside the contract."""
    return tuple(column for column in columns if column not in contract.column_names)


def tell_other_columns(others: Sequence[str], columns: Sequence[str], contract: Contract) -> str:
    """Report columns outside the contract, each with its most likely meaning."""
    spare = [name for name in contract.column_names if name not in columns]
    shown = [f"{_shown(name)}{_likeliest(name, spare, contract)}" for name in others]
    return (
        f"{len(others)} columns are not in the contract of {contract.feed} and are kept in the raw "
        f"layer as delivered: {listed(shown)}."
        if len(others) > 1
        else f"Column {listed(shown)} is not in the contract of {contract.feed} and is kept in the "
        "raw layer as delivered."
    )


def _likeliest(name: str, spare: Sequence[str], contract: Contract) -> str:
    near = _nearest(name, spare)
    if near:
        return near
    same = difflib.get_close_matches(
        normalise_name(name), [normalise_name(column) for column in contract.column_names], n=1
    )
    meant = {normalise_name(column): column for column in contract.column_names}
    return f" (perhaps more of '{meant[same[0]]}')" if same else ""


def _found_and_expected(found: Sequence[str], contract: Contract) -> tuple[str, str]:
    return (
        f"Found columns: {listed([_shown(name) for name in found], n_most=40)}",
        f"Expected columns: {_expected(contract)}",
    )


def _missing(
    keys: Sequence[str], found: Sequence[str], contract: Contract, by_key: dict[str, str]
) -> list[str]:
    spare = [name for name, key in zip(found, keys, strict=True) if key not in by_key]
    return [
        f"required column '{column.name}' is missing{_nearest(column.name, spare)}"
        for column in contract.columns
        if column.is_required and normalise_name(column.name) not in keys
    ]


def _nearest(name: str, candidates: Sequence[str]) -> str:
    by_key = {normalise_name(candidate): candidate for candidate in candidates}
    near = difflib.get_close_matches(normalise_name(name), by_key, n=1)
    return f" (is it {_shown(by_key[near[0]])}?)" if near else ""


def _shown(name: str) -> str:
    """Quote a delivered name so that its spaces and control characters are visible."""
    return repr(name if len(name) <= 60 else name[:57] + "...")


def _expected(contract: Contract) -> str:
    return ", ".join(
        f"{column.name} (required)" if column.is_required else column.name
        for column in contract.columns
    )
