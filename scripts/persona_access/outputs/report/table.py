"""The declaration of a report table: its query and its columns."""

from __future__ import annotations

from dataclasses import dataclass

# Columns that several tables have.
STATUSES = ("n_match number", "n_missing number", "n_excess number", "n_unassessed number")
COUNTS = ("n_open number", "match_rate share", *STATUSES)
PERSON = ("brid brid", "full_name text dim_employees.full_name")
THIS_WEEK = "where as_of_date = (select as_of_date from week)"
UP_TO_THIS_WEEK = "from rpt_week_figures where as_of_date <= (select as_of_date from week)"


@dataclass(frozen=True)
class Column:
    """A column: its name in the query, how its values are shown, and where its words are.

    Kinds: text, word (of a vocabulary), number, share, date, flag, brid, application, persona,
    personas, status. A facet is a column that can be filtered by value.
    """

    name: str
    kind: str = "text"
    words: str = ""
    is_facet: bool = False
    label: str = ""


@dataclass(frozen=True)
class Table:
    """A table: `name` is also that of its files and of its filters in the address of the page.

    `query` is empty where the page makes the rows of what it has loaded; `order` is total.
    A table of one person has a query with a column `brid` that chooses the rows.
    """

    name: str
    title: str
    model: str
    columns: tuple[Column, ...]
    query: str = ""
    order: str = ""
    empty: str = "No row."
    page_size: int = 25


def columns(*declared: str) -> tuple[Column, ...]:
    """Declare columns as `name kind`, with `?` for a facet and `model.column` where words are."""
    return tuple(_declared(text.split()) for text in declared)


def _declared(parts: list[str]) -> Column:
    name, kind, *more = [*parts, "text"] if len(parts) == 1 else parts
    return Column(
        name=name,
        kind=kind.rstrip("?"),
        is_facet=kind.endswith("?"),
        words=next((part for part in more if "." in part), ""),
        label=" ".join(part for part in more if "." not in part),
    )
