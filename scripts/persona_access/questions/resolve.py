"""Resolve a proposed person: find the persona that these attributes would give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from persona_access.base.queries import Record, ask, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.questions.proposal import PROPOSED_BRID, proposed

# Column names for people.
_PERSONAS = (
    "persona_id as persona",
    "assignment_method as method",
    "source_id as source",
    "support",
    "confidence",
)
_REASON = ("max(unresolved_reason) as reason",)
_PRETRAINED = (
    "suggestion_rank as place",
    "persona_id as persona",
    "confidence",
    "assured_precision",
    "support",
    "hits",
    "candidate_outcome as outcome",
    "mapping_id as mapping",
)

_DUTIES = (
    "sod_rule_id as rule",
    "severity",
    "sod_rule_name as what",
    "persona_id as persona",
    "held_of_a as one_side",
    "held_of_b as other_side",
)


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
    assignments = "intermediate.int_persona_assignments"
    persona = "where brid = $brid and persona_id is not null order by method = 'baseline', persona"
    week: date = ask(connection, "select max(as_of_date) as week from raw.week_extracts")[0]["week"]
    (people,) = ask(connection, statement(__package__, "resolve_people"))
    personas = select(connection, assignments, _PERSONAS, persona, who)
    (reason,) = select(connection, assignments, _REASON, "where brid = $brid", who)
    return {
        "week": week,
        "asked": dict(attributes),
        "people_with_the_pair": people["people"],
        "personas": personas,
        "unresolved_reason": reason["reason"],
        "duties": select(
            connection,
            "built_duties",
            _DUTIES,
            "where persona_id in (select unnest($personas)) order by rule, persona",
            {"personas": [found["persona"] for found in personas]},
        ),
        "rules": ask(connection, statement(__package__, "resolve_rules")),
        "pretrained": select(
            connection,
            "intermediate.int_pretrained_candidates",
            _PRETRAINED,
            "order by suggestion_rank",
        ),
    }
