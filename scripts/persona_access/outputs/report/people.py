"""Write the data of person pages: a few hundred files with all people of the week.

A hash of the BRID chooses the file, so that somebody new changes one file and moves nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from persona_access.base.sql import statement
from persona_access.outputs.report.subject_tables import OF_PERSON
from persona_access.outputs.report.table import Table

# About 120 KB per file: quick to read, and still only hundreds of files for 100,000 people.
ACCESS_ROWS_A_FILE = 5_000
# The texts of this number of files are created at once.
FILES_AT_ONCE = 128
_NOBODY = '{"applications":[],"verdicts":[],"people":{}}'

PERSON = (
    "brid",
    "full_name",
    "work_email",
    "employment_state",
    "worker_type",
    "job_title",
    "management_level",
    "cost_center",
    "cost_center_name",
    "department",
    "location",
    "hire_date",
    "termination_date",
    "manager_brid",
    "manager_name",
    "has_no_access",
    "has_hr_conflict",
    "attributes",
)
# The columns of a file's verdicts.
VERDICT = (
    "reconciliation_status",
    "reconciliation_reason",
    "orphan_detail",
    "disposition",
    "requirement",
    "persona_ids",
    "is_privileged",
)
# Access has a list of places in the file's applications, one of places in its verdicts, and then
# these columns.
AFTER_VERDICT = (
    "status_since_date",
    "granted_date",
    "last_used_date",
    "last_expected_date",
    "days_since_end",
    "waiver_id",
)


# The descriptions of persona sources on person pages, each stored once.
_RULES = (
    "rule_id || ' v' || rule_version as rule",
    "management_level",
    "cost_center",
    "conditions",
    "priority",
    "owner",
    "author",
    "approved_by",
    "approved_on",
    "valid_from",
    "valid_to",
    "rationale",
)
_OVERRIDES = (
    "exception_id as override",
    "requested_by",
    "approved_by",
    "approved_on",
    "valid_from",
    "valid_to",
    "rationale",
)
# The newest version of a file counts.
_PERSONA_LISTS = (
    "file_name as persona_list_file",
    "arg_max(extract_date, version) as extract_date",
    "max(version) as version",
)
_MAPPINGS = (
    "mapping_id as mapping",
    "looks_at",
    "management_level",
    "cost_center",
    "cost_center_prefix",
    "department",
    "job_title",
    "worker_type",
    "hits",
    "support",
    "confidence",
    "assured_precision",
    "runner_up_persona_id as runner_up",
    "learned_until_date as learned_until",
    "training_id as training",
)
_WAIVERS = ("exception_id as waiver_id", "approved_by", "valid_to")
_NAMED = "in (select source_id from fct_persona_assignments)"
SOURCES = {
    "rules": (_RULES, "dim_mapping_rules"),
    "overrides": (_OVERRIDES, "dim_exceptions where exception_kind = 'persona_override'"),
    "persona_lists": (
        _PERSONA_LISTS,
        f"fct_loads where load_status = 'loaded' and file_name {_NAMED} group by file_name",
    ),
    "mappings": (_MAPPINGS, f"dim_pretrained_mappings where mapping_id {_NAMED}"),
    "waivers": (_WAIVERS, "dim_exceptions where exception_kind = 'waiver'"),
    "personas": (("persona_id", "persona_name"), "dim_personas"),
}


def people_files(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield the JSON object of each file."""
    connection.execute(statement(__package__, "people_shared"))
    for place, table in enumerate(OF_PERSON):
        connection.execute(_section(place, table))
    in_files = statement(__package__, "people_in_order")
    connection.execute(in_files, {"rows_a_file": ACCESS_ROWS_A_FILE})
    connection.execute(statement(__package__, "access_of_files"))
    access = statement(__package__, "access_in_order")
    documents = statement(__package__, "people_documents")
    n_files = connection.execute(
        "select coalesce(max(n_files), 1) from people_in_order"
    ).fetchall()[0][0]
    for first in range(0, n_files, FILES_AT_ONCE):
        of_range = {"first_file": first, "last_file": first + FILES_AT_ONCE - 1}
        connection.execute(access, of_range)
        found = dict(connection.execute(documents, of_range).fetchall())
        for number in range(first, min(first + FILES_AT_ONCE, n_files)):
            yield found.get(number, _NOBODY)


def _section(place: int, table: Table) -> str:
    """Keep the rows of each person of a table, as lists in the order of its columns."""
    values = ", ".join(f"to_json({column.name})" for column in table.columns)
    rows = f"to_json(list([{values}] order by {table.order}))::varchar"
    found = f"select brid, {place}, '{table.name}', {rows} from ({table.query}) group by brid"
    return f"insert into person_sections {found}"


def sources(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """Yield the name of each list that people's pages share, and its JSON."""
    for name, (columns, relation) in SOURCES.items():
        listed = f"select {', '.join(columns)} from {relation}"
        as_json = "coalesce(to_json(list(a_row order by a_row)), '[]')::varchar"
        rows = connection.execute(f"select {as_json} from ({listed}) as a_row").fetchall()
        yield name, rows[0][0]
