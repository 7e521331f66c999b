"""Convert a delivery from its delivered columns to the columns of its feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from persona_access.base.contracts import ATTRIBUTES, Contract, without_words
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.feed_mappings.drift import check_cells, refuse_another_separator
from persona_access.loader.feed_mappings.expressions import (
    Delivered,
    Mapped,
    lookup_table,
    mapped_columns,
    matches,
    select_mapped,
    translated,
    undecided_headers,
)
from persona_access.loader.recovery import KEYS
from persona_access.loader.session import Connection, file, name, text
from persona_access.loader.staging import Staged, write_parquet

PROVENANCE = ("load_id", "file_name", "file_sha256", "row_number", "loaded_at")


def as_delivered(contract: Contract) -> Contract:
    """Return a contract without columns, so that each column is read under its delivered name."""
    return replace(contract, columns=())


def with_gates(contract: Contract, mapping: FeedMapping) -> Contract:
    """Return the contract with the limits of a source, and its additional words for "no value"."""
    gates = mapping.gates
    rows, share = gates.max_quarantined_rows, gates.max_quarantined_share
    return replace(
        contract,
        max_quarantined_rows=contract.max_quarantined_rows if rows is None else rows,
        max_quarantined_share=contract.max_quarantined_share if share is None else share,
        max_shrink_share=gates.max_shrink_share,
        max_growth_share=gates.max_growth_share,
        words_for_nothing=(*contract.words_for_nothing, *mapping.nothing),
        words_for_unknown=without_words(contract.words_for_unknown, mapping.nothing),
        dates_for_nothing=(
            *contract.dates_for_nothing,
            *(day.isoformat() for day in mapping.sentinel_dates),
        ),
    )


def map_staged(
    connection: Connection,
    staged: Staged,
    mapping: FeedMapping,
    contract: Contract,
    file_name: str,
    target: Path,
    line_offset: int = 0,
    lookups: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Staged, tuple[str, ...]]:
    """Write the staged rows in the columns of the feed; return the undecided columns.

    Delivered columns are kept under their own names, except those that a column of the feed copies
    unchanged. A delivered column whose name is a column of the feed becomes `delivered: <name>`.

    Raises RefusalError if a column that the mapping reads is missing.
    """
    create_lookups(connection, lookups or {})
    headers = staged.columns
    delivered = Delivered(headers, tuple(f"rows.{name(header)}" for header in headers), file_name)
    columns = mapped_columns(mapping, delivered)
    relation = f"{landed(file(staged.parquet))} as rows"
    several = [column for column in columns if column.split]
    is_multiplied = mapping.unpivot is not None or bool(several)
    notes: tuple[str, ...] = ()
    if mapping.unpivot is not None:
        across = _across(mapping, headers)
        notes = check_cells(connection, staged, across, mapping, contract)
        relation, columns = _unpivoted(relation, columns, mapping, across)
    for column in several:
        refuse_another_separator(connection, staged, column)
        relation, columns = _split(relation, columns, column)
    if is_multiplied:
        # If one line becomes several rows, a line number is ambiguous, so the rows are numbered
        # instead.
        number = "row_number() over (order by rows.row_number) as row_number"
        relation = f"(select rows.* replace ({number}) from {relation}) as rows"  # noqa: S608
        line_offset = 0
    by_name = {column.column: column for column in columns}
    others = [
        Mapped(free_name(header, contract), f"rows.{name(header)}", None)
        for header in kept_headers(headers, columns)
    ]
    wanted = [
        by_name.get(column) or Mapped(column, "null::varchar", None)
        for column in contract.column_names
    ]
    provenance = [
        Mapped(column, f"rows.{name(column)}", None)
        if column != "row_number"
        else Mapped(column, f"rows.row_number + {line_offset}", None)
        for column in PROVENANCE
    ]
    _map_keys_of_faults(connection, by_name)
    query = select_mapped(relation, [*wanted, *provenance, *others])
    n_rows = write_parquet(connection, query, target)
    lines = None if is_multiplied else staged.raw_lines
    if lines is not None and line_offset:
        lines = f"(select row_number + {line_offset} as row_number, raw_line from {lines})"  # noqa: S608
        connection.execute(f"update faults set row_number = row_number + {line_offset}")  # noqa: S608
    mapped = replace(
        staged,
        parquet=target,
        columns=(
            *contract.column_names,
            *(other.column for other in others),
        ),
        n_rows=n_rows,
        raw_lines=lines,
        notes=notes,
    )
    return mapped, tuple(undecided_headers(mapping, headers))


def _map_keys_of_faults(connection: Connection, columns: Mapping[str, Mapped]) -> None:
    """Map the keys of lines that do not fit the header in the same way as those of rows."""
    for key in KEYS:
        column = columns.get(key)
        if column is not None and column.value_of is not None:
            connection.execute(f"update faults set {key} = {column.value_of(key)}")  # noqa: S608


def create_lookups(connection: Connection, lookups: Mapping[str, Mapping[str, str]]) -> None:
    """Create a table of ids by name for each kind of name."""
    for kind, ids in lookups.items():
        table = lookup_table(kind)
        connection.execute(
            f"create or replace temp table {table} (name varchar primary key, id varchar)"
        )
        if ids:
            connection.execute(
                f"insert into {table} select unnest($names), unnest($ids)",
                {"names": list(ids), "ids": list(ids.values())},
            )


def kept_headers(headers: Sequence[str], columns: Sequence[Mapped]) -> list[str]:
    """Return the delivered columns to keep in addition to the mapped ones.

    A column that the feed copies unchanged is not kept twice.
    """
    taken = {column.header for column in columns if column.is_as_delivered}
    return [header for header in headers if header not in taken]


def free_name(header: str, contract: Contract) -> str:
    """Return the name of a delivered column in the raw layer; the feed's names have precedence."""
    taken = {column.lower() for column in (*contract.column_names, ATTRIBUTES)}
    return f"delivered: {header}" if header.lower() in taken else header


def _across(mapping: FeedMapping, headers: Sequence[str]) -> list[str]:
    """Return the delivered columns that the mapping unpivots to rows.

    Raises RefusalError if a column that the mapping names is missing.
    """
    unpivot = mapping.unpivot
    assert unpivot is not None  # noqa: S101 - asked before
    lost = [
        pattern
        for pattern in unpivot.columns
        if not any(matches(pattern, header) for header in headers)
    ]
    if lost:
        raise RefusalError(
            f"No delivered column matches {', '.join(lost)}, which unpivot of "
            f"feeds/{mapping.source}.yml names: ask the source, or remove it from unpivot.columns.",
            details=(f"Found columns: {', '.join(headers)}",),
        )
    return [
        header for header in headers if any(matches(pattern, header) for pattern in unpivot.columns)
    ]


def _unpivoted(
    relation: str, columns: list[Mapped], mapping: FeedMapping, found: Sequence[str]
) -> tuple[str, list[Mapped]]:
    """Create a row for each of the found columns that contains a mark."""
    unpivot = mapping.unpivot
    assert unpivot is not None  # noqa: S101 - asked before
    pairs = ", ".join(
        f"{{'header': {text(_without(header, unpivot.strip_prefix))}, 'cell': rows.{name(header)}}}"
        for header in found
    )
    is_held = "nullif(trim(unpivoted.pair.cell), '') is not null"
    if unpivot.held:
        words = ", ".join(text(word.casefold()) for word in unpivot.held)
        is_held = f"lower(trim(unpivoted.pair.cell)) in ({words})"
    unnested = f"unnest([{pairs}]) as unpivoted(pair)"
    cells = "unpivoted.pair.header as _header, unpivoted.pair.cell as _cell"
    rows = f"(select rows.*, {cells} from {relation}, {unnested} where {is_held}) as rows"  # noqa: S608
    added = [Mapped(unpivot.name_to, "rows._header", None)]
    if unpivot.value_to:
        meaning = translated(unpivot.values) if unpivot.values else None
        added.append(Mapped(unpivot.value_to, "rows._cell", meaning))
    return rows, [*columns, *added]


def _without(header: str, prefixes: list[str]) -> str:
    for prefix in prefixes:
        if header.lower().startswith(prefix.lower()):
            return header[len(prefix) :].strip()
    return header


def _split(relation: str, columns: list[Mapped], split: Mapped) -> tuple[str, list[Mapped]]:
    """Create a row for each value in a cell with several values; an empty cell stays one row."""
    alias = f"_{split.column}"
    parts = (
        f"list_filter(list_transform(string_split({split.origin}, {text(split.split)}), "
        "part -> trim(part)), part -> part <> '')"
    )
    value = f"unnest(case when len({parts}) > 0 then {parts} else [{split.origin}] end)"
    rows = f"(select rows.*, {value} as {name(alias)} from {relation}) as rows"  # noqa: S608
    return rows, [
        replace(column, origin=f"rows.{name(alias)}", split=None) if column is split else column
        for column in columns
    ]
