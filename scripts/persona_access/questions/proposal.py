"""Resolve a proposed person, who does not exist yet, with the compiled SQL of the models.

Every model that depends on people is compiled and run for one proposed person, in a scratch
database. Everything else (rules, personas, pre-trained mappings) comes from the built warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest

from persona_access.base.dbt import DbtProject, one_line
from persona_access.base.errors import PersonaAccessError
from persona_access.base.queries import asking, choose_week
from persona_access.base.scratch import scratch_folder
from persona_access.base.settings import Settings
from persona_access.base.warehouse import attach, opening

# Not a real person; the value only connects the rows of the answer.
PROPOSED_BRID = "PROPOSED-PERSON"
# Models that depend on the people of HR and the persona list, up to persona assignments.
_DEPENDS_ON_PEOPLE = (
    "source:hr.hr_headcount+,+int_persona_assignments",
    "source:personas.persona_members+,+int_persona_assignments",
)
# Only the cell of the proposed person; the model would compute every cell.
_CELLS = "int_mapping_cells"
_CELL = (
    "lower(management_level) as management_level_key, "
    "lower(cost_center) as cost_center_key, "
    "attributes_key, "
    "1 as n_employees"
)
# The first weeks of people, and results of comparing all people with the training data, or all rows
# with those of the previous extracts, are read as built.
_AS_BUILT = (
    "int_employee_sightings",
    "int_reorganised_cost_centers",
    "int_rows_not_counted",
    "int_rows_counted_differently",
    "int_rows_unrepeated",
    "int_rows_read_as_before",
)
# Views of earlier weeks, which models query during compilation; empty for a proposed person.
_HISTORY = "stg_history__"
# Models that need all people: a level or cost center counts as seen if a resolved person has it.
_LOOKS_AT_EVERYBODY = "int_unresolved_employees"


@contextmanager
def proposed(
    settings: Settings, attributes: Mapping[str, str | None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Resolve a proposed person with these HR columns; yield a database that holds the answer.

    It has the schemas of the warehouse, and PROPOSED_BRID as the only person; the warehouse is
    attached under its own name. Raises PersonaAccessError if nothing is built, and MachineError if
    a build holds the warehouse.
    """
    with asking(settings) as connection:
        choose_week(connection, None)
        extracts = connection.sql("from raw.week_extracts").to_arrow_table()
        # Macros also query the earlier extracts.
        loads = connection.sql("from raw.load_ledger").to_arrow_table()
    with scratch_folder(settings, "resolve") as folder:
        # Its name must differ from the warehouse's: queries use both.
        scratch = folder / f"proposal_beside_{settings.warehouse.name}"
        scratch.unlink(missing_ok=True)
        with opening(scratch) as connection:
            connection.execute("create schema raw")
            connection.register("extracts", extracts)
            connection.execute("create table raw.week_extracts as from extracts")
            connection.register("loads", loads)
            connection.execute("create table raw.load_ledger as from loads")
        project = DbtProject(
            settings.model_copy(update={"warehouse": scratch}),
            ("--target-path", str(folder), "--log-path", str(folder)),
        )
        with opening(scratch) as connection:
            _begin_history(connection, project.manifest)
        models = _compile(project)
        with opening(scratch) as connection:
            built = settings.warehouse.stem
            attach(connection, settings.warehouse, built)
            _deliver(connection, project.manifest, attributes)
            _show_the_rest(connection, project.manifest, models, built)
            for model in models.values():
                _run(connection, project.manifest, models, model, built)
            yield connection


def _begin_history(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """Create each view of earlier weeks without any week."""
    for name, node in manifest.nodes.items():
        if name.startswith("model.") and node.name.startswith(_HISTORY):
            connection.execute(f"create schema if not exists {node.schema}")
            no_week = "select cast(null as date) as as_of_date where false"
            connection.execute(f"create view {node.relation_name} as {no_week}")


def _compile(project: DbtProject) -> dict[str, Any]:
    """Return the compiled models that depend on people, by unique id, each after its parents."""
    outcome = project.invoke("compile", "--select", *_DEPENDS_ON_PEOPLE, "--exclude", *_AS_BUILT)
    if not outcome.success:
        raise PersonaAccessError(
            f"dbt cannot compile the models: {one_line(str(outcome.exception))}"
        )
    nodes = {
        result.node.unique_id: result.node
        for result in outcome.result.results
        if result.node.resource_type == "model" and not _is_ephemeral(result.node)
    }
    parents = {
        name: _stored_parents(project.manifest, node) & set(nodes) for name, node in nodes.items()
    }
    return {name: nodes[name] for name in TopologicalSorter(parents).static_order()}


def _is_ephemeral(node: Any) -> bool:
    return bool(node.config.materialized == "ephemeral")


def _stored_parents(manifest: Manifest, node: Any) -> set[str]:
    """Return the parents that have a relation; an ephemeral parent stands for its own parents."""
    stored = set[str]()
    for name in node.depends_on.nodes:
        parent = manifest.nodes.get(name)
        if parent:
            stored |= _stored_parents(manifest, parent) if _is_ephemeral(parent) else {name}
    return stored


def _deliver(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    attributes: Mapping[str, str | None],
) -> None:
    """Create the raw tables of people: one HR row, and no known persona."""
    for feed in ("hr_headcount", "persona_members"):
        (source,) = (found for found in manifest.sources.values() if found.name == feed)
        columns = ", ".join(f"{name} {column.data_type}" for name, column in source.columns.items())
        connection.execute(f"create table {source.relation_name} ({columns})")
    names = ", ".join(("brid", *attributes))
    values = ", ".join("?" for _ in attributes)
    headcount = "from raw.week_extracts where feed = 'hr_headcount'"
    newest = f"{headcount} order by extract_date desc, version desc limit 1"
    row = f"select ?, {values}, extract_date, version {newest}"
    connection.execute(
        f"insert into raw.hr_headcount ({names}, extract_date, version) {row}",
        [PROPOSED_BRID, *attributes.values()],
    )


def _show_the_rest(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    models: Mapping[str, Any],
    built: str,
) -> None:
    """Create a view of the built relation for each parent model that does not depend on people."""
    parents = set[str]()
    for model in models.values():
        connection.execute(f"create schema if not exists {model.schema}")
        parents |= _stored_parents(manifest, model)
    for name in parents - set(models):
        parent = manifest.nodes[name]
        connection.execute(f"create schema if not exists {parent.schema}")
        connection.execute(
            f"create or replace view {parent.relation_name} as from {_in(built, parent)}"
        )


def _in(catalog: str, node: Any) -> str:
    return f'"{catalog}"."{node.schema}"."{node.alias}"'


def _run(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    models: Mapping[str, Any],
    model: Any,
    built: str,
) -> None:
    """Run one model over the proposed person."""
    if model.name == _CELLS:
        cell = f"select {_CELL} from intermediate.int_employees"  # noqa: S608 - fixed words
        connection.execute(f"create table {model.relation_name} as {cell}")
    elif model.name == _LOOKS_AT_EVERYBODY:
        connection.execute("begin")
        for name in _stored_parents(manifest, model) & set(models):
            parent = manifest.nodes[name]
            connection.execute(
                f"insert into {parent.relation_name} by name from {_in(built, parent)}"
            )
        answer = connection.execute(
            f"select * from ({model.compiled_code}) as everybody where brid = ?",  # noqa: S608
            [PROPOSED_BRID],
        ).to_arrow_table()
        connection.execute("rollback")
        connection.register("answer", answer)
        connection.execute(f"create table {model.relation_name} as from answer")
    else:
        connection.execute(f"create table {model.relation_name} as {model.compiled_code}")
