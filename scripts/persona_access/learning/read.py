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
from persona_access.base.sql import statement
from persona_access.learning.observations import (
    COST_CENTER,
    COST_CENTER_PREFIX,
    DEPARTMENT,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    WORKER_TYPE,
    Observations,
    Row,
    encode,
)
from persona_access.learning.prefix import best_prefix_length, prefix_of

MIN_KNOWN_PEOPLE = 50
# An optional attribute that HR leaves empty for most people is not looked at.
MIN_FILLED_SHARE = 0.5
ALWAYS_LOOKED_AT = (MANAGEMENT_LEVEL, COST_CENTER)
# Each one more makes keys of two and three with all others.
MOST_OWN_ATTRIBUTES = 3
# With more values for each person it names people, as a badge does, and teaches nothing.
MAX_DISTINCT_SHARE = 0.2
OPTIONAL_ATTRIBUTES = (DEPARTMENT, JOB_TITLE, WORKER_TYPE)

TEXT_COLUMNS = (MANAGEMENT_LEVEL, COST_CENTER, DEPARTMENT, JOB_TITLE, WORKER_TYPE)
_LEDGER_COLUMNS = (
    "{feed: 'VARCHAR', extract_date: 'VARCHAR', version: 'VARCHAR', load_status: 'VARCHAR', "
    "source: 'VARCHAR'}"
)


@dataclass(frozen=True)
class KnownPeople:
    """Known people, and what was read to know them."""

    people: Observations
    prefix_length: int
    n_extracts: int
    first_date: dt.date
    last_date: dt.date


def read_rows(raw: Path, *, until: dt.date | None = None) -> list[Row]:
    """Read everybody whose persona is known in the weeks up to `until` (all weeks when None).

    Raises PersonaAccessError when there is nothing to read, or too few are known to learn from.
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
        cleaned=clean_sql("value"),
        headcount=landed("$headcount, hive_partitioning = true, union_by_name = true"),
        members=landed("$members, hive_partitioning = true"),
    )
    try:
        with duckdb.connect() as connection:
            unlock(connection)
            check_landed(connection, raw)
            rows = connection.execute(query, parameters).fetchall()
    except duckdb.IOException as error:
        raise PersonaAccessError(
            f"There is nothing to learn from at {raw}: load hr_headcount and persona_members "
            "first (persona-access load)."
        ) from error
    if len(rows) < MIN_KNOWN_PEOPLE:
        raise PersonaAccessError(
            f"Only {len(rows)} people with a known persona are in the headcount at {raw}: at least "
            f"{MIN_KNOWN_PEOPLE} are needed to learn from; load hr_headcount and persona_members "
            "of the same weeks first."
        )
    return rows


def known_people(rows: list[Row], ignored: frozenset[str] = frozenset()) -> KnownPeople:
    """Encode rows in the order of the columns of `Row`."""
    brids, *texts, held, hired, first, last, own = (
        list(column) for column in zip(*rows, strict=True)
    )
    columns: dict[str, list[str | None]] = dict(zip(TEXT_COLUMNS, texts, strict=True))
    columns |= _own_columns([own_attributes(text) for text in own])
    for name in [name for name in columns if name not in ALWAYS_LOOKED_AT]:
        filled = [value for value in columns[name] if value]
        if name in ignored or len(filled) < MIN_FILLED_SHARE * len(rows) or len(set(filled)) < 2:
            del columns[name]
    length = best_prefix_length(columns[COST_CENTER], held)
    if length:
        columns[COST_CENTER_PREFIX] = [prefix_of(value, length) for value in columns[COST_CENTER]]
    return KnownPeople(
        people=encode(
            brids,
            columns,
            held,
            [_day(date) for date in hired],
            [_day(date) for date in first],
        ),
        prefix_length=length,
        n_extracts=len({*first, *last}),
        first_date=min(first),
        last_date=max(last),
    )


def own_attributes(text: str | None) -> dict[str, str]:
    """Return the attributes of a bank's own that a person has, by name, in lower case."""
    return dict(json.loads(text)) if text else {}


def _own_columns(people: list[dict[str, str]]) -> dict[str, list[str | None]]:
    """Return the own attributes that most people have, those with the fewest values first."""
    counts: dict[str, set[str]] = {}
    for person in people:
        for name, value in person.items():
            counts.setdefault(name, set()).add(value)
    looked_at = {
        name: len(values) <= MAX_DISTINCT_SHARE * len(people)
        and sum(name in person for person in people) >= MIN_FILLED_SHARE * len(people)
        for name, values in counts.items()
    }
    chosen = sorted(
        (name for name in counts if looked_at[name]), key=lambda name: (len(counts[name]), name)
    )
    return {name: [person.get(name) for person in people] for name in chosen[:MOST_OWN_ATTRIBUTES]}


def _day(date: dt.date | None) -> float:
    return float("nan") if date is None else float((date - dt.date(1970, 1, 1)).days)


def left_out(names: list[str]) -> frozenset[str]:
    """Return the attributes to ignore; a name that is none of ours is one of the bank's own.

    Raises SettingsError for one that is always looked at.
    """
    needed = sorted(set(names) & set(ALWAYS_LOOKED_AT))
    if needed:
        raise SettingsError(
            f"--ignore names {', '.join(needed)}: management level and cost center are always "
            f"looked at; {', '.join(OPTIONAL_ATTRIBUTES)} and attributes of your own can be left "
            "out."
        )
    return frozenset(names)
