"""Resolve a proposed person: find the persona that these attributes would give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from persona_access.base.queries import Record, ask, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.questions.proposal import PROPOSED_BRID, proposed


def resolve(settings: Settings, attributes: Mapping[str, str | None]) -> Record:
    """Return the persona that the built rules and mappings give for these HR columns, and why.

    `duties` are the segregation-of-duties rules that a persona of the answer violates by design.

    Raises PersonaAccessError if nothing is built.
    """
    with proposed(settings, attributes) as connection:
        return collect(connection, attributes, settings.warehouse.stem)


def collect(
    connection: duckdb.DuckDBPyConnection, attributes: Mapping[str, str | None], built: str
) -> Record:
    """Collect the answer by topic from the database of the proposal."""
    connection.execute(f'create view built_rules as from "{built}".marts.dim_mapping_rules')
    connection.execute(f'create view built_employees as from "{built}".marts.dim_employees')
    connection.execute(f'create view built_duties as from "{built}".marts.fct_sod_personas')
    who = {"brid": PROPOSED_BRID}
    week: date = ask(connection, "select max(as_of_date) as week from raw.week_extracts")[0]["week"]
    (people,) = ask(connection, statement(__package__, "resolve_people"))
    personas = ask(connection, statement(__package__, "resolve_personas"), who)
    reason = ["max(unresolved_reason) as reason"]
    assignments = "intermediate.int_persona_assignments"
    (found,) = select(connection, assignments, reason, "where brid = $brid", who)
    return {
        "week": week,
        "asked": dict(attributes),
        "people_with_the_pair": people["people"],
        "personas": personas,
        "unresolved_reason": found["reason"],
        "duties": ask(
            connection,
            statement(__package__, "resolve_duties"),
            {"personas": [row["persona"] for row in personas]},
        ),
        "rules": ask(connection, statement(__package__, "resolve_rules")),
        "pretrained": ask(connection, statement(__package__, "resolve_pretrained")),
    }
