"""Explain one BRID: its personas and access, and why."""

from __future__ import annotations

import json
from datetime import date

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import listed
from persona_access.base.queries import (
    Record,
    ask,
    asking,
    choose_week,
    select,
    week_computed_last,
)
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.week_build import complete_weeks
from persona_access.questions.verdict import verdict

# Topics of a week, and methods of assignment whose source can be shown: a query each.
_OF_WEEK = ("losing_candidates", "suggestions", "access", "findings", "quarantined", "hr_rows")
_SOURCES = ("override", "persona_list", "rule", "pretrained")


def explain(settings: Settings, as_written: str, requested: date | None) -> Record:
    """Collect everything that a week has about a person, by BRID in any spelling, or by name.

    Raises PersonaAccessError for an invalid or unknown BRID, and for a name that several people
    have.
    """
    with asking(settings) as connection:
        return collect(
            connection, as_written, choose_week(connection, requested, complete_weeks(settings))
        )


def collect(connection: duckdb.DuckDBPyConnection, as_written: str, week: date) -> Record:
    """Collect the data about a BRID in a week, by topic."""
    brid = _named(connection, as_written) or _brid(connection, as_written)
    who = {"brid": brid}
    when = {"brid": brid, "week": week}
    person = _ask(connection, "person", who)
    is_newest = week == week_computed_last(connection)
    found: Record = {
        "brid": brid,
        "as_written": as_written,
        "week": week,
        # Employment is kept only for the week computed last.
        "person": _with_attributes(person[0]) if person and is_newest else None,
        "full_name": person[0]["full_name"] if person else None,
        "personas": [_with_source(connection, row) for row in _ask(connection, "personas", when)],
        **{topic: _ask(connection, topic, when) for topic in _OF_WEEK},
        "non_human_accounts": _ask(connection, "non_human_accounts", who),
        "hr_weeks": ask(connection, statement(__package__, "weeks_in_hr"), who),
    }
    if not any(found[topic] for topic in ("person", "personas", "access", "quarantined")):
        raise PersonaAccessError(_nobody(connection, found))
    found["people_alike"] = _people_alike(connection, found, when) if is_newest else []
    return {**found, "verdict": verdict(found)}


def _named(connection: duckdb.DuckDBPyConnection, as_written: str) -> str | None:
    """Find the only person with this name, or with this text in the name; None for a BRID.

    Raises PersonaAccessError if several people match.
    """
    wanted = " ".join(as_written.split())
    if not any(sign.isalpha() for sign in wanted):
        return None
    for which in ("lower(full_name) = lower($name)", "contains(lower(full_name), lower($name))"):
        # A BRID with letters is not searched within names.
        if which.startswith("contains") and " " not in wanted:
            continue
        query = f"where {which} order by brid"
        people = select(
            connection, "marts.dim_employees", ("brid", "full_name"), query, {"name": wanted}
        )
        if len(people) == 1:
            return str(people[0]["brid"])
        if people:
            brids = listed([f"{row['brid']} {row['full_name']}" for row in people])
            raise PersonaAccessError(
                f"{len(people):,} people have the name '{wanted}': {brids}. Give the BRID."
            )
    return None


def _with_attributes(person: Record) -> Record:
    """Return the attributes of a person as names and values."""
    return {**person, "attributes": json.loads(person["attributes"] or "{}")}


def _brid(connection: duckdb.DuckDBPyConnection, as_written: str) -> str:
    has_function = ask(
        connection, "select 1 as n from duckdb_functions() where function_name = 'normalise_brid'"
    )
    if not has_function:
        raise PersonaAccessError(
            "The warehouse was built by an older version and cannot read a BRID as written: "
            "run `persona-access rebuild --from` with its newest week."
        )
    query = "select runs.normalise_brid($as_written) as brid"
    brid = ask(connection, query, {"as_written": as_written})[0]["brid"]
    if brid is None:
        raise PersonaAccessError(
            f"'{as_written}' cannot be a BRID: a BRID has only letters, digits, dots, hyphens "
            "and underscores, and is not in scientific notation or with decimals. Rows with "
            "such a value are in marts.fct_quarantined_rows with the reason bad_key."
        )
    return str(brid)


def _ask(connection: duckdb.DuckDBPyConnection, topic: str, values: Record) -> list[Record]:
    """Answer `explain_<topic>.sql`; $brid is normalised, $week is a built week."""
    return ask(connection, statement(__package__, f"explain_{topic}"), values)


def _with_source(connection: duckdb.DuckDBPyConnection, assignment: Record) -> Record:
    method, values = assignment["assignment_method"], {"source_id": assignment["source_id"]}
    sources = _ask(connection, f"source_{method}", values) if method in _SOURCES else []
    return {**assignment, "sources": sources}


def _people_alike(
    connection: duckdb.DuckDBPyConnection, found: Record, when: Record
) -> list[Record]:
    """Count who holds the learned personas of a person, by what they share with the person."""
    learned = [
        row["persona_id"] for row in found["personas"] if row["assignment_method"] == "pretrained"
    ]
    learned += [row["persona"] for row in found["suggestions"] if row["suggested_by"] == "learned"]
    if not learned:
        return []
    return ask(connection, statement(__package__, "holders_alike"), {**when, "personas": learned})


def _nobody(connection: duckdb.DuckDBPyConnection, found: Record) -> str:
    sentence = (
        f"Nobody has the BRID {found['brid']} (written '{found['as_written']}') in the week "
        f"{found['week']}: neither HR nor the IAM registry delivered it."
    )
    weeks = ask(connection, statement(__package__, "weeks_of_brid"), {"brid": found["brid"]})[0]
    if weeks["last_week"]:
        return (
            f"{sentence} It was there from {weeks['first_week']} to {weeks['last_week']}: "
            f"ask with --week {weeks['last_week']}."
        )
    if found["hr_weeks"]:
        last_week = found["hr_weeks"][0]["last_week_in_hr"]
        return f"{sentence} HR last had it in the week {last_week}, without any access."
    return f"{sentence} Check the spelling, or look it up in marts.dim_employees."
