"""The declaration of a report table: its query and its columns."""

from __future__ import annotations

from dataclasses import dataclass

# Columns that several tables have.
STATUSES = ("n_match number", "n_missing number", "n_excess number", "n_unassessed number")
COUNTS = ("n_open number", "match_rate share", *STATUSES)
# The findings behind a count, as declared by the column of the count.
TO_ACT_ON = "finding_state=open&disposition=open"
PERSON = ("brid brid", "full_name text dim_employees.full_name")
THIS_WEEK = "where as_of_date = (select as_of_date from week)"
UP_TO_THIS_WEEK = "from rpt_week_figures where as_of_date <= (select as_of_date from week)"


@dataclass(frozen=True)
class Column:
    """A column: its name in the query, the format of its values, and the source of its texts.

    Kinds: text, word (of a vocabulary), number, share, date, week (a date that opens its page),
    flag, brid, application, persona, personas, status. A facet can be filtered by value. An extra
    column is shown only on demand. `rows` defines which rows a count counts:
    `page/table?filter=value&other={column}`, in the syntax of the address, with values of the row.
    Alternatives by value are written `column=value:page/table?...;column=other:...`.
    """

    name: str
    kind: str = "text"
    words: str = ""
    is_facet: bool = False
    label: str = ""
    is_extra: bool = False
    rows: str = ""


@dataclass(frozen=True)
class Table:
    """A table; its files, and its filters in the page's address, have the same `name`.

    `query` is empty if the page computes the rows from loaded data; `order` is total. In a table
    of one person, the query has a column `brid` that selects the rows.
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
    """Declare columns as `name kind`, with options in any order.

    `?` after the kind declares a facet, `+` an extra column; `model.column` is the source of its
    texts, `@page/table?filter=value` defines the rows that it counts, and any other words are its
    caption.
    """
    return tuple(_declared(text.split()) for text in declared)


def _declared(parts: list[str]) -> Column:
    name, kind, *more = [*parts, "text"] if len(parts) == 1 else parts
    rows = next((part for part in more if part.startswith("@")), "")
    words = [part for part in more if part not in (rows, "+")]
    return Column(
        name=name,
        kind=kind.rstrip("?"),
        is_facet=kind.endswith("?"),
        words=next((part for part in words if "." in part), ""),
        label=" ".join(part for part in words if "." not in part),
        is_extra="+" in more,
        rows=rows.removeprefix("@"),
    )


def findings(conditions: str) -> str:
    """Declare which findings a column counts, in the syntax of an address."""
    return f"@findings/findings?{conditions}"


def findings_by(whose: str, *, is_facet: bool = False) -> tuple[str, ...]:
    """Declare the counts of findings in most tables: to act on, missing, excess."""
    kind = "number?" if is_facet else "number"
    return (
        f"n_open {kind} {findings(f'{TO_ACT_ON}&{whose}')}",
        f"n_missing {kind} {findings(f'finding_state=open&finding_type=missing&{whose}')}",
        f"n_excess {kind} {findings(f'finding_state=open&finding_type=excess&{whose}')}",
    )
