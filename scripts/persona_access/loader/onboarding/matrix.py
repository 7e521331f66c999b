"""Recognise a matrix: one column for each application or persona, with marks in the cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persona_access.base.contracts import Contract
from persona_access.loader.feed_mappings import likeness as like
from persona_access.loader.feed_mappings.likeness import Likeness, Sampled

LEAST_COLUMNS = 3
_YES = {"x", "y", "yes", "1", "true", "✓"}
_MARKS = {*_YES, "m", "o", "r", "w", "rw"}
_ACROSS = ("application_id", "persona_id")


@dataclass(frozen=True)
class Matrix:
    """The declaration below `unpivot`, and whether it is certain."""

    unpivot: dict[str, Any]
    is_sure: bool

    @property
    def question(self) -> str:
        """Return the question whether the columns are a matrix."""
        columns, target = self.unpivot["columns"], self.unpivot["name_to"]
        shown = ", ".join(f"'{header}'" for header in columns[:3])
        article = "an" if target[0] in "aeiou" else "a"
        return (
            f"Are {len(columns)} columns ({shown}, ...) each {article} {target}, marked where it "
            "holds?"
        )

    @property
    def evidence(self) -> Likeness:
        """Describe which columns become rows, and with which confidence."""
        columns, target = self.unpivot["columns"], self.unpivot["name_to"]
        shown = f"{len(columns)} columns, '{columns[0]}' to '{columns[-1]}'"
        return Likeness(
            shown, target, 0.9 if self.is_sure else 0.5, ("each has only marks or empty cells",)
        )


def marked_columns(columns: Sequence[Sampled]) -> list[Sampled]:
    """Return the columns whose cells are marks or empty."""
    return [
        column
        for column in columns
        if column.header
        and column.values
        and {value.casefold() for value in column.values} <= _MARKS
        and not like.names_known([column.header])
    ]


def missing_key(contract: Contract, taken: Collection[str]) -> str | None:
    """Return the only key that the columns of a matrix can stand for, or None."""
    keys = [column.name for column in contract.columns if column.is_value_required]
    missing = [key for key in keys if key not in taken]
    return missing[0] if len(missing) == 1 and missing[0] in _ACROSS else None


def find_matrix(
    columns: Sequence[Sampled],
    contract: Contract,
    taken: Collection[str],
    known: Mapping[str, set[str]],
) -> Matrix | None:
    """Find the matrix of a table without a column for one key; `known` are certain ids."""
    target = missing_key(contract, taken)
    if target is None:
        return None
    marked = marked_columns(columns)
    ids = known.get(target) or set()
    prefix = _common_prefix([column.header for column in marked])
    if ids:
        marked = [
            column
            for column in marked
            if {like.normalise_key(column.header.removeprefix(prefix)), _key(column)} & ids
        ]
        prefix = _common_prefix([column.header for column in marked])
    if len(marked) < LEAST_COLUMNS:
        return None
    headers = [column.header for column in marked]
    unpivot: dict[str, Any] = {"columns": headers, "name_to": target}
    # A part of a known id that looks like a label is removed; unknown ids are not changed.
    is_label = bool(ids) or re.search(r"[:\s]", prefix) is not None
    if prefix and is_label and not any(_key(column) in ids for column in marked):
        unpivot["strip_prefix"] = [prefix]
    cells = sorted({value for column in marked for value in column.values})
    unpivot |= _requirements(cells, contract, taken) or {"held": cells}
    is_series = len({re.sub(r"\d+", "", header) for header in headers}) == 1
    return Matrix(unpivot, is_sure=bool(ids) or is_series)


def _requirements(
    cells: Sequence[str], contract: Contract, taken: Collection[str]
) -> dict[str, Any]:
    """Return how cells show whether an application is mandatory; empty if they are only marks."""
    if "requirement" not in contract.column_names or "requirement" in taken:
        return {}
    words = like.vocabulary(contract, "requirement")
    if not any(cell.casefold() in words for cell in cells):
        return {}
    meanings = {cell: words[cell.casefold()] for cell in cells if cell.casefold() in words}
    meanings |= {cell: "mandatory" for cell in cells if cell.casefold() in _YES}
    return {"value_to": "requirement", "values": meanings}


def _key(column: Sampled) -> str:
    return like.normalise_key(column.header)


def _common_prefix(headers: Sequence[str]) -> str:
    """Return the common start of all headers, up to a separator: `App: `."""
    prefixes = [re.match(r"^[^:\-_/ ]*[:\-_/ ]\s*", header) for header in headers]
    found = {match[0] if match else "" for match in prefixes}
    return found.pop() if len(found) == 1 else ""
