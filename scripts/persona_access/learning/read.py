"""Read known people from the raw layer: persona members joined to the headcount of their week."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from persona_access.base.cleaning import clean_sql
from persona_access.base.encryption import check_landed, landed, unlock
from persona_access.base.errors import PersonaAccessError, SettingsError
from persona_access.base.printable import counted
from persona_access.base.sql import statement
from persona_access.learning.observations import (
    COST_CENTER,
    COST_CENTER_PREFIX,
    DEPARTMENT,
    HIRED,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    MANAGER,
    SEEN,
    WORKER_TYPE,
    Observations,
    Row,
    encode,
)
from persona_access.learning.prefix import best_prefix_length, prefix_of

MIN_KNOWN_PEOPLE = 50
# An optional attribute that HR leaves empty for most people is not used.
MIN_FILLED_SHARE = 0.5
ALWAYS_LOOKED_AT = (MANAGEMENT_LEVEL, COST_CENTER)
# Each further attribute adds keys of two and three with all others.
MOST_OWN_ATTRIBUTES = 3
# With more values for each person, an attribute identifies people, like a badge, and is of no use.
MAX_DISTINCT_SHARE = 0.2
OPTIONAL_ATTRIBUTES = (DEPARTMENT, JOB_TITLE, WORKER_TYPE, MANAGER)

TEXT_COLUMNS = (MANAGEMENT_LEVEL, COST_CENTER, *OPTIONAL_ATTRIBUTES)
# Positions in a row.
PERSONAS = 1 + len(TEXT_COLUMNS)
HIRE_DATE, FIRST_DATE, LAST_DATE = PERSONAS + 1, PERSONAS + 2, PERSONAS + 3
_LEDGER_COLUMNS = (
    "{feed: 'VARCHAR', extract_date: 'VARCHAR', version: 'VARCHAR', load_status: 'VARCHAR', "
    "source: 'VARCHAR'}"
)


@dataclass(frozen=True)
class KnownPeople:
    """Known people, and the data from which they were read."""

    people: Observations
    prefix_length: int
    n_extracts: int
    first_date: dt.date
    last_date: dt.date


def read_rows(raw: Path, *, until: dt.date | None = None) -> list[Row]:
    """Read everybody whose persona is known in the weeks up to `until` (all weeks when None).

    The people of the newest headcount follow, with None for their personas.

    Raises PersonaAccessError if there is nothing to read, or too few people are known.
    """
    parameters = {
        "ledger": str(raw / "load_ledger" / "*.json"),
        "headcount": str(raw / "hr_headcount" / "*" / "*" / "rows.parquet"),
        "members": str(raw / "persona_members" / "*" / "*" / "rows.parquet"),
        "until": until or dt.date.max,
    }
    query = statement(
        __package__,
        "known_people",
        ledger_columns=_LEDGER_COLUMNS,
        headcount=landed("$headcount, hive_partitioning = true, union_by_name = true"),
        members=landed("$members, hive_partitioning = true"),
    )
    try:
        with duckdb.connect() as connection:
            unlock(connection)
            check_landed(connection, raw)
            know_spellings(connection)
            rows = connection.execute(query, parameters).fetchall()
    except duckdb.IOException as error:
        raise PersonaAccessError(
            f"There is nothing to learn from at {raw}: load hr_headcount and persona_members "
            "first (persona-access load)."
        ) from error
    n_known = len(known_rows(rows))
    if n_known < MIN_KNOWN_PEOPLE:
        raise PersonaAccessError(
            f"The headcount at {raw} has only {counted(n_known, 'person', 'people')} with a known "
            f"persona: at least {MIN_KNOWN_PEOPLE} are needed to learn from; load hr_headcount and "
            "persona_members of the same weeks first."
        )
    return rows


def know_spellings(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the spellings of staging: cleaned, compared and normalised_brid."""
    connection.execute(statement(__package__, "spellings", cleaned=clean_sql("value")))


def known_rows(rows: list[Row]) -> list[Row]:
    """Return the rows of people whose persona is known."""
    return [row for row in rows if row[PERSONAS] is not None]


def known_people(rows: list[Row], ignored: frozenset[str] = frozenset()) -> KnownPeople:
    """Encode rows in the order of the columns of `Row`."""
    brids, texts, own, held, dates = _columns(known_rows(rows))
    in_headcount = [row for row in rows if row[PERSONAS] is None]
    seen, seen_texts, seen_own, _, _ = _columns(in_headcount)
    own_columns = _own_columns(own)
    columns = texts | {name: [each.get(name) for each in own] for name in own_columns}
    headcount = seen_texts | {name: [each.get(name) for each in seen_own] for name in own_columns}
    for name in [name for name in columns if name not in ALWAYS_LOOKED_AT]:
        filled = [value for value in columns[name] if value]
        if name in ignored or len(filled) < MIN_FILLED_SHARE * len(brids) or len(set(filled)) < 2:
            del columns[name]
    length = best_prefix_length(columns[COST_CENTER], held)
    if length:
        for part in (columns, headcount):
            part[COST_CENTER_PREFIX] = [prefix_of(value, length) for value in part[COST_CENTER]]
    managers = zip(brids + seen, texts[MANAGER] + seen_texts[MANAGER], strict=True)
    hired, first, last = dates
    return KnownPeople(
        people=encode(
            brids,
            columns,
            held,
            [_day(date) for date in hired],
            [_day(date) for date in first],
            headcount={name: headcount[name] for name in columns},
            headcount_brids=seen,
            manager_of={brid: manager for brid, manager in managers if manager},
        ),
        prefix_length=length,
        n_extracts=len({*first, *last}),
        first_date=min(first),
        last_date=max(last),
    )


def _columns(
    rows: list[Row],
) -> tuple[
    list[str],
    dict[str, list[str | None]],
    list[dict[str, str]],
    list[list[str]],
    list[list[dt.date]],
]:
    """Return rows by column: BRIDs, texts by name, own attributes, personas, and dates."""
    brids = [row[0] for row in rows]
    texts = {name: [row[at] for row in rows] for at, name in enumerate(TEXT_COLUMNS, start=1)}
    own = [own_attributes(row[-1]) for row in rows]
    dates = [[row[at] for row in rows] for at in (HIRE_DATE, FIRST_DATE, LAST_DATE)]
    return brids, texts, own, [row[PERSONAS] for row in rows], dates


def own_attributes(text: str | None) -> dict[str, str]:
    """Return a person's values of the bank's own attributes, by name, in lower case."""
    return dict(json.loads(text)) if text else {}


def arrived(row: Row) -> dict[str, str | None]:
    """Return when a person was hired and first seen, in the form that look-ups take."""
    hired = row[HIRE_DATE]
    return {HIRED: hired.isoformat() if hired else None, SEEN: row[FIRST_DATE].isoformat()}


def _own_columns(people: list[dict[str, str]]) -> list[str]:
    """List the bank's own attributes that most people have, those with the fewest values first."""
    counts: dict[str, set[str]] = {}
    n_filled: dict[str, int] = {}
    for person in people:
        for name, value in person.items():
            counts.setdefault(name, set()).add(value)
            n_filled[name] = n_filled.get(name, 0) + 1
    chosen = [
        name
        for name, values in counts.items()
        if len(values) <= MAX_DISTINCT_SHARE * len(people)
        and n_filled[name] >= MIN_FILLED_SHARE * len(people)
    ]
    return sorted(chosen, key=lambda name: (len(counts[name]), name))[:MOST_OWN_ATTRIBUTES]


def _day(date: dt.date | None) -> float:
    return float("nan") if date is None else float((date - dt.date(1970, 1, 1)).days)


def left_out(names: list[str]) -> frozenset[str]:
    """Return the attributes to ignore; an unknown name is one of the bank's own attributes.

    Raises SettingsError for an attribute that is always used.
    """
    needed = sorted(set(names) & set(ALWAYS_LOOKED_AT))
    if needed:
        raise SettingsError(
            f"--ignore names {', '.join(needed)}: management level and cost center are always "
            f"used; {', '.join(OPTIONAL_ATTRIBUTES)} and attributes of your own can be ignored."
        )
    return frozenset(names)
