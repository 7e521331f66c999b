"""Write the web report: pages from templates, data as scripts that the pages load on demand.

A page that is opened from a folder cannot fetch other files, so every data file is a script that
passes one JSON document to the page. Each aggregate has its own file; people, applications and
personas are in many small files.
"""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted, share
from persona_access.base.queries import ask
from persona_access.base.sql import statement
from persona_access.outputs.release.catalogue import Catalogue, in_words, read_catalogue
from persona_access.outputs.report import (
    change_tables,
    decision_tables,
    people,
    subject_tables,
    subjects,
    tables,
    week_tables,
)
from persona_access.outputs.report.charts import write_charts
from persona_access.outputs.report.columnar import columnar
from persona_access.outputs.report.facts import (
    baseline_personas,
    first_actions,
    first_causes,
    later_files,
    standing,
)
from persona_access.outputs.report.marts import reading_marts
from persona_access.outputs.report.table import Table
from persona_access.outputs.report.words import Words
from persona_access.outputs.templates import template_environment

_PAGES = (
    ("index", "Overview"),
    ("applications", "Applications"),
    ("personas", "Personas"),
    ("people", "People"),
    ("findings", "Findings"),
    ("movements", "Movements"),
    ("changes", "Changes"),
    ("decisions", "Decisions"),
    ("quality", "Data quality"),
)
# Pages of a single subject, below the page that lists all subjects.
_DETAILS = (
    ("application", "Application", "applications"),
    ("persona", "Persona", "personas"),
    ("person", "Person", "people"),
    ("weeks", "Weeks", "weeks"),
    ("glossary", "Glossary", "glossary"),
)

# Words that the search finds, and the table with their meanings.
_SEARCHED = (
    ("reason", "findings", "reconciliation_reason"),
    ("handling", "findings", "disposition"),
    ("cause", "finding_changes", "change_cause"),
)
_UNKNOWN = "\u2013"


def write_report(marts: Path, out: Path) -> None:
    """Write the report of the newest week of a folder of marts: `<mart>.parquet`, catalogue.json.

    `out` is a new or empty folder. Raises PersonaAccessError if a mart is missing, or `out` is not
    empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise PersonaAccessError(f"{out} is not empty: name an empty or a new folder.")
    words = Words(read_catalogue(marts))
    with reading_marts(marts) as connection:
        data = _Data(out / "data")
        counts = _write_tables(connection, data)
        _write_subjects(connection, data)
        _write_people(connection, data)
        _write_words(connection, data, words.catalogue)
        facts = {
            "week": _newest_week(connection, tables.TREND),
            "causes": _newest_week(connection, tables.CAUSE_WEEKS),
            "moved": _newest_week(connection, change_tables.MOVEMENT_WEEKS),
            "standing": standing(connection),
            "baseline": baseline_personas(connection),
            "first_causes": first_causes(connection),
            "first": first_actions(connection, words.catalogue.glossary),
            "later": later_files(connection),
        }
    _write_pages(out, words, counts, facts)
    write_charts(out / "assets")


class _Data:
    """The folder of data files, each a script with one document."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, document: str) -> None:
        file = self._folder / f"{name}.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        # Browsers parse JSON in a string ten times as fast as the same data as code.
        text = document.replace("\\", "\\\\").replace("'", "\\'")
        file.write_text(f"report.put('{name}',JSON.parse('{text}'));\n", "utf-8")


def _write_tables(connection: duckdb.DuckDBPyConnection, data: _Data) -> dict[str, int]:
    """Write the tables with complete lists; return the number of files of each."""
    counts = {}
    for table in tables.every_table():
        groups = columnar(
            connection,
            table.query,
            order=table.order,
            group=f"_place // {tables.ROWS_A_FILE}",
            names=[column.name for column in table.columns],
        )
        counts[table.name] = 0
        for number, document in groups:
            data.put(f"{table.name}/{number}", document)
            counts[table.name] += 1
    return counts


def _write_subjects(connection: duckdb.DuckDBPyConnection, data: _Data) -> None:
    """Write a document for each application, persona and week, and their index."""
    for subject, sections in (
        ("application", subjects.APPLICATION_SECTIONS),
        ("persona", subjects.PERSONA_SECTIONS),
        ("week", week_tables.WEEK_SECTIONS),
    ):
        ids = connection.execute(
            f"select {subject}_id from {subject}_numbers order by _number"
        ).fetchall()
        data.put(f"{subject}/index", json.dumps([row[0] for row in ids]))
        documents: list[list[str]] = [[] for _ in ids]
        for section, (query, order) in sections.items():
            for number, rows in columnar(connection, query, order=order, group="_number"):
                documents[int(str(number))].append(f"{json.dumps(section)}:{rows}")
        for number, parts in enumerate(documents):
            data.put(f"{subject}/{number}", "{" + ",".join(parts) + "}")


def _write_people(connection: duckdb.DuckDBPyConnection, data: _Data) -> None:
    n_files = 0
    for number, document in enumerate(people.people_files(connection)):
        data.put(f"person/{number}", document)
        n_files = number + 1
    shared = ",".join(f"{json.dumps(name)}:{rows}" for name, rows in people.sources(connection))
    fields = {
        "n_files": n_files,
        "person": people.PERSON,
        "verdict": people.VERDICT,
        "after_verdict": people.AFTER_VERDICT,
        "sections": {
            table.name: [column.name for column in table.columns]
            for table in subject_tables.OF_PERSON
        },
    }
    data.put("person/index", json.dumps(fields)[:-1] + "," + shared + "}")


def _newest_week(connection: duckdb.DuckDBPyConnection, weeks: Table) -> dict[str, Any]:
    """Return the newest row of a table of weeks, with the previous row, if any, as `before`."""
    query = f"from ({weeks.query}) order by as_of_date desc limit 2"
    newest, *before = ask(connection, query)
    return {**newest, "before": before[0] if before else {}}


def _write_words(connection: duckdb.DuckDBPyConnection, data: _Data, catalogue: Catalogue) -> None:
    """Write the search index except people, and the meanings of the words in tables."""
    names = {
        f"{subject}s": connection.execute(
            statement(__package__, "searched", subject=subject)
        ).fetchall()
        for subject in ("application", "persona")
    }
    listed = [
        (kind, value, table, column)
        for kind, table, column in _SEARCHED
        for value in catalogue.glossary.get(column, {})
    ]
    data.put("search/index", json.dumps({**names, "words": listed}))
    every = (
        *tables.every_table(),
        *subject_tables.OF_PERSON,
        *subject_tables.OF_PAGES,
        *week_tables.OF_WEEK,
    )
    shown = {
        column.name
        for table in every
        for column in table.columns
        if column.kind in ("word", "status", "risk")
    }
    meanings = {
        column: {value: f"{word.meaning} {word.action}".strip() for value, word in found.items()}
        for column in sorted(shown)
        if (found := catalogue.vocabulary(column))
    }
    data.put("glossary/index", json.dumps(meanings))


def _write_pages(
    folder: Path,
    words: Words,
    counts: dict[str, int],
    facts: dict[str, Any],
) -> None:
    environment = template_environment("persona_access.outputs.report")
    environment.filters |= {
        "count": _count,
        "counted": counted,
        "day": _day,
        "share": share,
        "word": in_words,
    }
    shared = {
        "pages": _PAGES,
        "tables": tables,
        "change_tables": change_tables,
        "decision_tables": decision_tables,
        "subject_tables": subject_tables,
        "week_tables": week_tables,
        "n_files": counts,
        **facts,
        "words": words,
        "person_fields": people.PERSON,
    }
    listed = [(name, title, name) for name, title in _PAGES]
    for name, title, section in (*listed, *_DETAILS):
        page = environment.get_template(f"{name}.html.j2").render(
            shared, page=name, title=title, section=section
        )
        (folder / f"{name}.html").write_text(page, "utf-8")
    assets = folder / "assets"
    assets.mkdir()
    for asset in (files("persona_access.outputs.report") / "assets").iterdir():
        (assets / asset.name).write_bytes(asset.read_bytes())


def _count(number: int | None) -> str:
    return _UNKNOWN if number is None else f"{number:,}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
