"""Write extracts: one .hyper file for each data source, filled from the marts by Hyper."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tableauhyperapi import (
    Connection,
    CreateMode,
    HyperException,
    HyperProcess,
    Telemetry,
    escape_name,
)
from tableauhyperapi import escape_string_literal as literal

from persona_access.base.dbt import one_line
from persona_access.base.errors import MachineError, PersonaAccessError
from persona_access.base.printable import counted
from persona_access.outputs.release.catalogue import Catalogue
from persona_access.outputs.tableau.dashboards import Source

# The name of the table in which Tableau expects the rows of an extract.
_TABLE = '"Extract"."Extract"'


def write_extracts(
    sources: Iterable[Source], catalogue: Catalogue, marts: Path, out: Path
) -> dict[str, int]:
    """Write `<source>.hyper` for each data source, and return the rows of each, as read back.

    Raises PersonaAccessError if an extract differs from the rows of its mart, and MachineError if
    Hyper cannot write.
    """
    try:
        with HyperProcess(
            Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
        ) as hyper:
            return {
                source.name: _write_extract(hyper, source, catalogue, marts, out)
                for source in sources
            }
    except HyperException as error:
        raise MachineError(
            f"Hyper could not write the extracts to {out}: {one_line(str(error))}. Check that "
            "the disk has space, and publish again."
        ) from error


def _write_extract(
    hyper: HyperProcess, source: Source, catalogue: Catalogue, marts: Path, out: Path
) -> int:
    file = out / f"{source.name}.hyper"
    with Connection(hyper.endpoint, file, CreateMode.CREATE_AND_REPLACE) as connection:
        connection.catalog.create_schema("Extract")
        connection.execute_command(
            f"create table {_TABLE} as {_joined_marts(source, catalogue, marts)}"
        )
    with Connection(hyper.endpoint, file) as connection:
        n_rows = connection.execute_scalar_query(f"select count(*) from {_TABLE}")  # noqa: S608
        n_expected = connection.execute_scalar_query(
            f"select count(*) from {_external(marts, source.mart)}"  # noqa: S608
        )
    if n_rows != n_expected:
        raise PersonaAccessError(
            f"The extract '{source.name}' has {counted(n_rows, 'row')} and its mart {source.mart} "
            f"{n_expected}: a mart in which it looks up columns has duplicate keys. Check the "
            f"tests of {', '.join(lookup.mart for lookup in source.lookups)}."
        )
    return int(n_rows)


def _joined_marts(source: Source, catalogue: Catalogue, marts: Path) -> str:
    columns = [f"facts.{escape_name(name)}" for name in catalogue.marts[source.mart].columns]
    joins = []
    for lookup in source.lookups:
        columns += [f"{lookup.mart}.{escape_name(name)}" for name in lookup.columns]
        found = f"{_external(marts, lookup.mart)} as {lookup.mart}"
        joins.append(f"left join {found} on {lookup.mart}.{lookup.key} = facts.{lookup.key}")
    facts = f"{_external(marts, source.mart)} as facts {' '.join(joins)}"
    return f"select {', '.join(columns)} from {facts}"  # noqa: S608


def _external(marts: Path, mart: str) -> str:
    return f"external({literal(str(marts / f'{mart}.parquet'))})"
