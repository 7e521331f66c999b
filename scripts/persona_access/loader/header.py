"""Which column of a delivery is which, and whether the header fits the feed's contract."""

from __future__ import annotations

import csv
import difflib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from persona_access.base.contracts import Contract, normalise_name
from persona_access.base.errors import RefusalError
from persona_access.loader.text_scan import DELIMITERS


def read_csv_header(text: Path, contract: Contract) -> tuple[str, tuple[str, ...]]:
    """Return the delimiter, and the contract's column name for each column of the file in order.

    Raises RefusalError when line 1 is not a header that fits the contract.
    """
    with text.open("r", encoding="utf-8-sig", newline="\n") as file:
        line = file.readline().rstrip("\r\n")
    if not line.strip():
        raise RefusalError(
            f"Line 1 is empty where the header should be ({_expected(contract)}): "
            "remove the empty lines above it."
        )
    if line.count('"') % 2:
        raise RefusalError(
            "A quote on line 1 is never closed, so the header cannot be read: write the column "
            "names on one line, without quotes."
        )
    known = {normalise_name(name) for name in contract.column_names}

    def n_known(delimiter: str) -> int:
        return sum(normalise_name(name) in known for name in _split(line, delimiter))

    delimiter = max(DELIMITERS, key=n_known)
    return delimiter, match_columns(_split(line, delimiter), contract)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def match_columns(found: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """Return the contract's column name for each found name, compared by `normalise_name`.

    Raises RefusalError that says which columns are missing, unknown, unnamed or there twice.
    """
    by_key = {normalise_name(name): name for name in contract.column_names}
    keys = [normalise_name(name) for name in found]
    if not any(key in by_key for key in keys):
        raise RefusalError(
            f"The first line is not the header of {contract.feed}, for it has none of its columns: "
            "the column names must stand in line 1, separated by commas.",
            details=_found_and_expected(found, contract),
        )
    faults = [
        *_missing(keys, found, contract, by_key),
        *_unknown(keys, found, by_key),
        *(
            f"'{by_key[key]}' is there {n} times"
            for key, n in Counter(keys).items()
            if n > 1 and key in by_key
        ),
    ]
    if faults:
        raise RefusalError(
            f"The header does not fit the contract of {contract.feed}: {'; '.join(faults)}.",
            details=_found_and_expected(found, contract),
        )
    return tuple(by_key[key] for key in keys)


def _found_and_expected(found: Sequence[str], contract: Contract) -> tuple[str, str]:
    return (
        f"Found columns: {', '.join(_shown(name) for name in found)}",
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


def _unknown(keys: Sequence[str], found: Sequence[str], by_key: dict[str, str]) -> list[str]:
    spare = [name for key, name in by_key.items() if key not in keys]
    faults = []
    for position, (key, name) in enumerate(zip(keys, found, strict=True), start=1):
        if not key:
            faults.append(f"column {position} has no name")
        elif key not in by_key:
            faults.append(f"{_shown(name)} is not a column of the feed{_nearest(name, spare)}")
    return faults


def _nearest(name: str, candidates: Sequence[str]) -> str:
    by_key = {normalise_name(candidate): candidate for candidate in candidates}
    near = difflib.get_close_matches(normalise_name(name), by_key, n=1)
    return f" (is it {_shown(by_key[near[0]])}?)" if near else ""


def _shown(name: str) -> str:
    """Quote a delivered name so that spaces and control characters in it can be seen."""
    return repr(name if len(name) <= 60 else name[:57] + "...")


def _expected(contract: Contract) -> str:
    return ", ".join(
        f"{column.name} (required)" if column.is_required else column.name
        for column in contract.columns
    )
