"""The names of deliveries: the feed of a file, its date, and its format."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from persona_access.base.contracts import Contract
from persona_access.base.name_patterns import date_of_name, match_name

WORKBOOKS = (".xlsx", ".ods")
SUFFIXES = (".csv", ".csv.gz", ".parquet", *WORKBOOKS)
ENCRYPTED_SUFFIX = ".age"
MANIFEST_SUFFIX = ".manifest.json"
_DIGITS = {"%Y": r"(?P<year>\d{4})", "%m": r"(?P<month>\d{2})", "%d": r"(?P<day>\d{2})"}


@dataclass(frozen=True)
class DeliveryName:
    """The parts of a file name. `date_text` is YYYY-MM-DD, maybe invalid; `ending` is the rest."""

    feed: str
    source: str
    date_text: str
    suffix: str
    ending: str


def read_name(name: str, contracts: Mapping[str, Contract]) -> DeliveryName | None:
    """Read the name of a file; None if it is not a delivery of these feeds."""
    return next(iter(read_names(name, contracts)), None)


def read_names(name: str, contracts: Mapping[str, Contract]) -> list[DeliveryName]:
    """Read the name of a file for each feed or source that it can belong to."""
    readings = (
        _read_own(name, contract)
        if contract.file_pattern is None
        else _read_declared(name, contract, contract.file_pattern)
        for contract in contracts.values()
    )
    return [found for found in readings if found is not None]


def _read_own(name: str, contract: Contract) -> DeliveryName | None:
    match = _pattern(contract.name_pattern).fullmatch(name)
    if match is None:
        return None
    return DeliveryName(
        feed=contract.feed,
        source=contract.source,
        date_text=f"{match['year']}-{match['month']}-{match['day']}",
        suffix=match["suffix"],
        ending=match["ending"],
    )


def _read_declared(name: str, contract: Contract, pattern: str) -> DeliveryName | None:
    plain = name.removesuffix(ENCRYPTED_SUFFIX) if contract.encryption == "age" else name
    found = match_name(plain, pattern)
    if found is None:
        return None
    try:
        date = date_of_name(found, contract.day_of_month)
        date_text = date.isoformat() if date else ""
    except ValueError:
        date_text = "-".join(text for text in found.groups() if text)
    suffix = suffix_of(plain)
    return DeliveryName(
        feed=contract.feed,
        source=contract.source,
        date_text=date_text,
        suffix=suffix,
        ending=name[len(plain) - len(suffix) :] if plain.lower().endswith(suffix) else suffix,
    )


def suffix_of(name: str) -> str:
    """Return the format of a file by the end of its name; any other text is read as CSV."""
    lowered = name.lower()
    return next((suffix for suffix in reversed(SUFFIXES) if lowered.endswith(suffix)), ".csv")


def examples(contracts: Mapping[str, Contract]) -> str:
    """List examples of valid file names."""
    return ", ".join(
        c.file_pattern or _filled(c.name_pattern, "YYYY", "MM", "DD") for c in contracts.values()
    )


def nearest(name: str, contracts: Mapping[str, Contract]) -> str | None:
    """Guess the intended file name."""
    lowered = name.lower().replace("-", "_").replace(" ", "_")
    stem = re.split(r"_?\d", lowered, maxsplit=1)[0]
    patterns = {
        contract.name_pattern.partition("%")[0].lower().replace("-", "_").strip("_*"): contract
        for contract in contracts.values()
        if contract.file_pattern is None
    }
    near = difflib.get_close_matches(stem, patterns, n=1, cutoff=0.75)
    if not near:
        return None
    digits = re.search(r"(\d{4})\D?(\d{2})\D?(\d{2})", name, re.ASCII)
    suffix = next((s for s in reversed(SUFFIXES) if lowered.endswith(s)), ".csv")
    parts = digits.groups() if digits else ("YYYY", "MM", "DD")
    return _filled(patterns[near[0]].name_pattern.replace("*", ""), *parts) + suffix


def nearest_source(name: str, contracts: Mapping[str, Contract]) -> str | None:
    """Guess the intended source with a mapping: compare with its pattern, ignoring dates."""
    bare = {
        _without_date(contract.file_pattern): source
        for source, contract in contracts.items()
        if contract.file_pattern is not None
    }
    near = difflib.get_close_matches(_without_date(name), bare, n=1, cutoff=0.75)
    return bare[near[0]] if near else None


def _without_date(name: str) -> str:
    stem = re.sub(r"%.|\d+|\*|\.[a-z]{2,7}$", "", name.lower().rpartition("/")[2])
    return re.sub(r"[\W_]+", " ", stem).strip()


@lru_cache
def _pattern(name_pattern: str) -> re.Pattern[str]:
    text = re.escape(name_pattern)
    for code, digits in _DIGITS.items():
        text = text.replace(code, digits)
    # If a feed has several senders, its file names contain the names of the senders.
    text = text.replace(re.escape("*"), "[A-Za-z0-9._-]*")
    kinds = "|".join(re.escape(suffix) for suffix in SUFFIXES)
    ending = rf"(?P<ending>(?P<suffix>{kinds})({re.escape(ENCRYPTED_SUFFIX)})?)"
    return re.compile(text + ending, re.ASCII)


def _filled(name_pattern: str, *parts: str) -> str:
    for code, part in zip(_DIGITS, parts, strict=True):
        name_pattern = name_pattern.replace(code, part)
    return name_pattern
