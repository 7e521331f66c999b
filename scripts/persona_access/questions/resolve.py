"""Resolve a proposed person: which persona somebody with these attributes would get."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from persona_access.base.queries import Record, ask
from persona_access.base.settings import Settings
from persona_access.questions import resolve_queries
from persona_access.questions.proposal import PROPOSED_BRID, proposed


def resolve(settings: Settings, attributes: Mapping[str, str | None]) -> Record:
    """Return the persona that the built rules and mappings give to these HR columns, and why.

    Raises PersonaAccessError when nothing is built.
    """
    with proposed(settings, attributes) as connection:
        return collect(connection, attributes, settings.warehouse.stem)


def collect(
    connection: duckdb.DuckDBPyConnection, attributes: Mapping[str, str | None], built: str
) -> Record:
    """Collect the answer by topic from the database of the proposal."""
    connection.execute(f'create view built_rules as from "{built}".marts.dim_mapping_rules')
    connection.execute(f'create view built_employees as from "{built}".marts.dim_employees')
    who = {"brid": PROPOSED_BRID}
    week: date = ask(connection, resolve_queries.WEEK)[0]["week"]
    return {
        "week": week,
        "asked": dict(attributes),
        "people_with_the_pair": ask(connection, resolve_queries.PEOPLE_WITH_THE_PAIR)[0]["people"],
        "personas": ask(connection, resolve_queries.PERSONAS, who),
        "unresolved_reason": ask(connection, resolve_queries.UNRESOLVED, who)[0]["reason"],
        "rules": ask(connection, resolve_queries.RULES),
        "pretrained": ask(connection, resolve_queries.PRETRAINED),
    }
