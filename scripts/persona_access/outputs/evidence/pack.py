"""Create the files of an evidence pack from the warehouse, the ledger and the decisions."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from persona_access.base.content_hash import content_hash
from persona_access.base.printable import harmless
from persona_access.base.queries import Record
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import Build
from persona_access.outputs.evidence import queries
from persona_access.outputs.evidence.cover import codebook, controls, html_of, sections_of
from persona_access.outputs.evidence.decisions import decisions_of, mappings_of
from persona_access.outputs.evidence.pdf import pdf_of
from persona_access.outputs.evidence.verify import SUMS, sums
from persona_access.outputs.release.manifest import versions

# The weekly marts behind the pack.
_MARTS = (
    "fct_access_reconciliation",
    "fct_finding_changes",
    "fct_finding_weeks",
    "fct_persona_assignments",
    "fct_persona_quality",
    "fct_persona_requirements",
    "fct_quarantine_by_week",
    "fct_review_campaigns",
    "fct_review_decisions",
    "fct_review_lists",
    "fct_sod_violations",
)
_NO_CANDIDATES = (
    b"found_date,account_brid,account_id,candidate_brid,probability,agreeing_fields,is_suggested\n"
)


@dataclass(frozen=True)
class _Answer:
    """The rows of one query, and the names of their columns."""

    columns: list[str]
    rows: Sequence[tuple[Any, ...]]

    def records(self) -> list[Record]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def members_of(
    connection: duckdb.DuckDBPyConnection, settings: Settings, week: date, build: Build, run: Record
) -> dict[str, bytes]:
    """Create every file of a pack by name; equal rows give equal bytes.

    Raises PersonaAccessError if the decisions of the week are missing.
    """
    decisions = decisions_of(settings, build, str(week))
    answers = _answers(connection, decisions, run)
    answers["marts.csv"] = _mart_hashes(connection, week)
    words = codebook(settings.models)
    answers["codebook.csv"] = _Answer(["column", "word", "meaning"], words)
    answers["checklist.csv"] = _Answer(
        ["standard", "point", "files", "section"],
        [(each.standard, each.point, each.files, each.section) for each in controls()],
    )
    members = {f"decisions/{name}": content for name, content in decisions.items()}
    members |= {
        f"feed_mappings/{source}.yml": content
        for source, content in mappings_of(settings, build, str(week)).items()
    }
    members |= {name: _csv(answer) for name, answer in answers.items()}
    members["scope.json"] = _scope(answers, run)
    sections = sections_of({name: answer.records() for name, answer in answers.items()}, words)
    members["cover.html"] = html_of(sections, week)
    members["cover.pdf"] = pdf_of(sections, week)
    here = files(__package__)
    members["verify.py"] = here.joinpath("verify.py").read_bytes()
    members["README.txt"] = (
        here.joinpath("README.txt").read_text("utf-8").replace("{week}", str(week)).encode()
    )
    members[SUMS] = sums(members)
    return members


def _answers(
    connection: duckdb.DuckDBPyConnection, decisions: dict[str, bytes], run: Record
) -> dict[str, _Answer]:
    """Run every query, each with the parameters that it uses."""
    values = {
        "week": run["as_of_date"],
        "previous_week": run["previous_week"],
        "invocation_id": run["invocation_id"],
    }
    tables = {
        "waivers": "waivers.csv",
        "overrides": "persona_overrides.csv",
        "non_human_accounts": "non_human_accounts.csv",
        "mapping_rules": "mapping_rules.csv",
        "account_candidates": "account_candidates.csv",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, file in tables.items():
            # Weeks before 0.2.0 have no candidates.
            (Path(folder) / file).write_bytes(decisions.get(file) or _NO_CANDIDATES)
            rows = f"read_csv('{folder}/{file}', all_varchar = true, header = true, delim = ',')"
            connection.sql(f"create temp view {name} as from {rows}")
        return {name: _answer(connection, query, values) for name, query in queries.MEMBERS.items()}


def _answer(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object]
) -> _Answer:
    """Run one query with the parameters that it uses."""
    used = {key: value for key, value in values.items() if f"${key}" in query}
    result = connection.execute(query, used)
    return _Answer([column[0] for column in result.description or []], result.fetchall())


def _mart_hashes(connection: duckdb.DuckDBPyConnection, week: date) -> _Answer:
    """Hash the rows of the week in the weekly marts, as `persona-access verify` does."""
    rows = []
    for mart in _MARTS:
        found = content_hash(connection, f"marts.{mart}", f"as_of_date = date '{week}'")
        rows.append((mart, found.n_rows, found.value))
    return _Answer(["mart", "n_rows", "content_hash"], rows)


def _scope(answers: dict[str, _Answer], run: Record) -> bytes:
    inputs = answers["inputs.csv"].records()
    about = {
        "week": str(run["as_of_date"]),
        "week_before": str(run["previous_week"]) if run["previous_week"] else None,
        "build_id": run["invocation_id"],
        "built_at": f"{run['started_at'].isoformat(timespec='seconds')}+00:00",
        "built_with": {
            row["input_name"]: row["input_value"] for row in inputs if row["input_kind"] == "run"
        },
        "code_sha256": next((r["sha256"] for r in inputs if r["input_kind"] == "code"), None),
        "pack_made_with": versions(),
        "n_pairs": sum(row["n_pairs"] for row in answers["results.csv"].records()),
        "n_rows": {name: len(answer.rows) for name, answer in sorted(answers.items())},
    }
    return (json.dumps(about, indent=2) + "\n").encode()


def _csv(answer: _Answer) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(value) for value in row] for row in answer.rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Format a value so that every program reads the same text, and no spreadsheet computes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case _:
            return value
