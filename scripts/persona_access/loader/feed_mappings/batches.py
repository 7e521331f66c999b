"""Map delivered rows while they are read: SQL maps each distinct value of a batch once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from persona_access.base.contracts import Contract
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.feed_mappings.expressions import Delivered, Mapped, mapped_columns
from persona_access.loader.feed_mappings.mapped import create_lookups, free_name, kept_headers
from persona_access.loader.session import Connection


@dataclass(frozen=True)
class BatchMapper:
    """Turns batches of delivered columns into the columns of the feed and other kept columns."""

    connection: Connection
    contract_columns: tuple[str, ...]
    mapped: Mapping[str, Mapped]
    kept: Mapping[str, str]

    @property
    def other_columns(self) -> tuple[str, ...]:
        """The names of the delivered columns that are kept in addition to those of the feed."""
        return tuple(self.kept.values())

    def place_of(self, header: str) -> str:
        """Return the column of the raw layer that contains a delivered column unchanged."""
        if header in self.kept:
            return self.kept[header]
        return next(
            column.column
            for column in self.mapped.values()
            if column.is_as_delivered and column.header == header
        )

    def columns_of(self, batch: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the columns of the raw layer for one batch."""
        found = {name: self._values(batch, self.mapped.get(name)) for name in self.contract_columns}
        return found | {name: batch.column(header) for header, name in self.kept.items()}

    def _values(self, batch: pa.RecordBatch, column: Mapped | None) -> pa.Array:
        if column is None:
            return pa.nulls(batch.num_rows, pa.string())
        if column.header is None:
            value = column.origin if column.value_of is None else column.value_of(column.origin)
            constant = self.connection.execute(f"select {value}").fetchone()
            text = None if constant is None else constant[0]
            return pa.repeat(pa.scalar(text, pa.string()), batch.num_rows)
        delivered = batch.column(column.header)
        if column.value_of is None:
            return delivered
        encoded = delivered.dictionary_encode()
        return self._each(encoded.dictionary, column.value_of).take(encoded.indices)

    def _each(self, values: pa.Array, value_of: Callable[[str], str]) -> pa.Array:
        """Map each distinct value."""
        self.connection.register("delivered_values", pa.table({"delivered": values}))
        try:
            query = f"select {value_of('delivered')} as value from delivered_values"  # noqa: S608
            answer = self.connection.execute(query).to_arrow_table()
        finally:
            self.connection.unregister("delivered_values")
        return answer.column("value").cast(pa.string()).combine_chunks()


def batch_mapper(
    connection: Connection,
    mapping: FeedMapping,
    contract: Contract,
    headers: Sequence[str],
    file_name: str,
    lookups: Mapping[str, Mapping[str, str]],
) -> BatchMapper | None:
    """Return a mapper; None if the mapping turns one row into several.

    Raises RefusalError if a column that the mapping reads is missing.
    """
    delivered = Delivered(tuple(headers), tuple(f"\x00{header}" for header in headers), file_name)
    columns = mapped_columns(mapping, delivered)
    is_of_several = any(column.header is None and "\x00" in column.origin for column in columns)
    if mapping.unpivot is not None or is_of_several or any(column.split for column in columns):
        return None
    create_lookups(connection, lookups)
    return BatchMapper(
        connection,
        contract.column_names,
        {column.column: column for column in columns},
        {header: free_name(header, contract) for header in kept_headers(headers, columns)},
    )
