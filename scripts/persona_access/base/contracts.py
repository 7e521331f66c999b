"""Contracts of the feeds, read from the dbt sources YAML: columns, types, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from persona_access.base.errors import SettingsError

ParseAs = Literal["date", "boolean"]
Encryption = Literal["none", "age"]


@dataclass(frozen=True)
class Column:
    """One column of a feed, and the checks of the loader."""

    name: str
    is_required: bool
    is_value_required: bool
    parse_as: ParseAs | None
    accepted_values: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """One feed: its columns in order, its delivery, and the limit of bad rows.

    `name_pattern` is the name before its ending, with %Y, %m and %d for the extract date; a file
    that changes within `settle_seconds` is still being written (None: as the settings say).
    """

    feed: str
    columns: tuple[Column, ...]
    is_optional: bool
    is_manifest_required: bool
    max_quarantined_rows: int
    max_quarantined_share: float
    name_pattern: str
    settle_seconds: float | None = None
    encryption: Encryption = "none"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in the order of the contract."""
        return tuple(column.name for column in self.columns)

    def tolerates(self, *, n_bad: int, n_read: int) -> bool:
        """Whether a delivery with so many bad rows may still load without them."""
        if n_bad * 2 > n_read:
            return False
        return n_bad <= self.max_quarantined_rows or n_bad <= self.max_quarantined_share * n_read


def normalise_name(name: str) -> str:
    """Normalise a column name for comparison: no case, spaces or underscores."""
    return re.sub(r"[\s_]+", "", name).casefold()


def read_contracts(models: Path) -> dict[str, Contract]:
    """Read the contract of every feed below the models folder, by feed name in alphabetical order.

    Raises SettingsError when a declaration is missing or cannot be read.
    """
    contracts: dict[str, Contract] = {}
    for file in sorted(models.glob("staging/*/_*__sources.yml")):
        for table in _tables(file):
            meta = (table.get("config") or {}).get("meta") or {}
            if "feed" in meta:
                contract = _contract(table, meta["feed"], file)
                contracts[contract.feed] = contract
                _check_name_pattern(contract, contracts, file)
    if not contracts:
        raise SettingsError(
            f"No feed is declared in {models}/staging/*/_*__sources.yml: "
            "give a source table config.meta.feed."
        )
    return dict(sorted(contracts.items()))


def read_raw_tables(models: Path) -> dict[str, dict[str, str]]:
    """Read the columns and types that the loader writes, for each feed and its own records.

    Tables whose columns have no type declared, and which it does not write, are left out.
    """
    return {
        str(table["name"]): types
        for file in sorted(models.glob("staging/*/_*__sources.yml"))
        for table in _tables(file)
        if (
            types := {
                str(column["name"]): str(column["data_type"])
                for column in table["columns"]
                if "data_type" in column
            }
        )
    }


def _tables(file: Path) -> Iterator[dict[str, Any]]:
    try:
        # The parser in C: the one in Python costs more than loading a week.
        document = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
        for source in document.get("sources") or []:
            yield from source.get("tables") or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        raise SettingsError(f"The feed contracts in {file} cannot be read: {error}") from error


def _check_name_pattern(contract: Contract, contracts: dict[str, Contract], file: Path) -> None:
    """Refuse a pattern from which no date, or not one feed alone, can be read."""
    pattern = contract.name_pattern
    if sorted(re.findall("%.?", pattern)) != ["%Y", "%d", "%m"] or "/" in pattern:
        raise SettingsError(
            f"The name_pattern '{pattern}' of {contract.feed} in {file} must have %Y, %m and %d "
            "once each and no folder, for example 'headcount_%Y%m%d'."
        )
    if [other.name_pattern for other in contracts.values()].count(pattern) > 1:
        raise SettingsError(
            f"The name_pattern '{pattern}' of {contract.feed} in {file} is another feed's, too: "
            "give each feed a name of its own."
        )


def _contract(table: dict[str, Any], feed: dict[str, Any], file: Path) -> Contract:
    try:
        encryption = feed.get("encryption", "none")
        if encryption not in ("none", "age"):
            raise ValueError(f"encryption is {encryption!r}, not none or age")
        settle = feed.get("settle_seconds")
        return Contract(
            feed=str(table["name"]),
            columns=tuple(
                column for declared in table["columns"] if (column := _column(declared)) is not None
            ),
            is_optional=bool(feed["is_optional"]),
            is_manifest_required=bool(feed["is_manifest_required"]),
            name_pattern=str(feed.get("name_pattern", f"{table['name']}_%Y-%m-%d")),
            settle_seconds=None if settle is None else float(settle),
            encryption=encryption,
            max_quarantined_rows=int(feed["max_quarantined_rows"]),
            max_quarantined_share=float(feed["max_quarantined_share"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"The contract of {table.get('name')} in {file} is incomplete: {error!r}."
        ) from error


def _column(declared: dict[str, Any]) -> Column | None:
    meta = (declared.get("config") or {}).get("meta") or {}
    if meta.get("is_added_by_loader", False):
        return None
    parse_as = meta.get("parse_as")
    if parse_as not in (None, "date", "boolean"):
        raise ValueError(f"parse_as of {declared['name']} is {parse_as!r}, not date or boolean")
    return Column(
        name=str(declared["name"]),
        is_required=bool(meta.get("is_required", False)),
        is_value_required=bool(meta.get("is_value_required", False)),
        parse_as=parse_as,
        accepted_values=tuple(str(value) for value in meta.get("accepted_values", [])),
    )
