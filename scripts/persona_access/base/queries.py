"""Query the built warehouse; each row is a dictionary."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted
from persona_access.base.settings import Settings
from persona_access.base.warehouse import reading

Record = dict[str, Any]

_RISKS = "['critical', 'high', 'medium', 'low']"
WEEKS = "select as_of_date from marts.fct_reconciliation_by_week order by as_of_date"


@contextmanager
def asking(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for questions about the marts.

    Raises PersonaAccessError if the tables are not built yet, and MachineError if a build holds
    the warehouse.
    """
    with reading(settings.warehouse) as connection:
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise PersonaAccessError(
                f"The warehouse {settings.warehouse} lacks tables or columns that this command "
                f"reads: run `persona-access build`. ({str(error).splitlines()[0]})"
            ) from error


def ask(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> list[Record]:
    """Run a query and return its rows by column name."""
    result = connection.execute(query, dict(values or {}))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def select(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    which: str = "",
    values: Mapping[str, object] | None = None,
) -> list[Record]:
    """Select columns of one relation; `which` is SQL that filters and orders the rows."""
    return ask(connection, f"select {', '.join(columns)} from {relation} {which}", values)  # noqa: S608


def worst_first(column: str) -> str:
    """Return SQL that orders rows by a column of risk levels or severities, critical first."""
    return f"list_position({_RISKS}, {column})"


def built_weeks(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the as-of dates of the weekly facts, oldest first."""
    return [row["as_of_date"] for row in ask(connection, WEEKS)]


def week_computed_last(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the as-of date of the marts that keep only one week; None if they are empty."""
    # A mart can be empty: a week without a readable employee is still a week.
    found = ask(connection, "select max(as_of_date) as week from raw.week_extracts")
    week: date | None = found[0]["week"]
    return week


def choose_week(
    connection: duckdb.DuckDBPyConnection, requested: date | None, loaded: Collection[date] = ()
) -> date:
    """Return the requested week, else the newest; `loaded` are the weeks that can be built.

    Raises PersonaAccessError for a week that was not built.
    """
    weeks = built_weeks(connection)
    if not weeks:
        raise PersonaAccessError("No week is built yet: run `persona-access build`.")
    if requested is None:
        return weeks[-1]
    if requested not in weeks:
        raise PersonaAccessError(
            f"The week {requested} is not built; the warehouse holds {weeks[0]} to {weeks[-1]} "
            f"({counted(len(weeks), 'week')}). {_advice(requested, weeks, loaded)}"
        )
    return requested


def _advice(requested: date, built: list[date], loaded: Collection[date]) -> str:
    """Return advice on how to build a missing week, if it can be built."""
    if requested not in loaded:
        near = min((*built, *loaded), key=lambda week: abs(week - requested))
        return f"No complete week of that date is loaded; the nearest is {near}."
    if requested > built[-1]:
        return "It is loaded: run `persona-access build`."
    return f"It is loaded: run `persona-access rebuild --from {requested}`."
