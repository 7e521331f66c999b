"""The command `persona-access resolve`: which persona somebody with these attributes would get."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from persona_access.base.output import Page, print_json
from persona_access.base.queries import Record, ask
from persona_access.base.settings import Settings
from persona_access.questions import resolve_queries
from persona_access.questions.explain_page import described, filled_columns, in_words
from persona_access.questions.proposal import PROPOSED_BRID, proposed


def run_resolve(settings: Settings, attributes: Mapping[str, str | None], *, is_json: bool) -> None:
    """Print the persona that the built rules and mappings give to these HR columns, and why.

    Raises PersonaAccessError when nothing is built.
    """
    with proposed(settings, attributes) as connection:
        found = collect(connection, attributes, settings.warehouse.stem)
    if is_json:
        print_json(found)
    else:
        show(found)


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


def show(found: Record) -> None:
    """Print the answer as a page."""
    page = Page()
    page.heading(f"{described(found['asked'])}: by the decisions as built for {found['week']}")
    page.say(
        f"  {found['people_with_the_pair']:,} people who work here have this level and cost center."
    )
    page.heading("Answer")
    for persona in found["personas"]:
        page.say(f"  {described(persona)}")
    reason = found["unresolved_reason"]
    if reason:
        page.say(f"  no persona, because {in_words(reason)}")
    for topic, title in (
        ("rules", "Rules that match, the best first"),
        ("pretrained", "What was learned, the surest first"),
    ):
        page.heading(title)
        page.table(filled_columns(found[topic]) if found[topic] else [])
