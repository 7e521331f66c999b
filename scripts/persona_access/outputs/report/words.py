"""The texts of the report: captions and descriptions from the catalogue, which come from dbt."""

from __future__ import annotations

from dataclasses import dataclass

from persona_access.outputs.release.catalogue import Catalogue, readable
from persona_access.outputs.release.catalogue import Column as PublishedColumn
from persona_access.outputs.report.table import Column, Table


@dataclass(frozen=True)
class Words:
    """The captions and meanings of tables and columns, as plain text."""

    catalogue: Catalogue

    def grain(self, table: Table) -> str:
        """Return what one row of the table's mart is, and what not to use it for."""
        mart = self.catalogue.marts.get(table.model)
        return _plain(mart.description) if mart else ""

    def caption(self, table: Table, column: Column) -> str:
        """Return the caption of the column; the default is its name."""
        return column.label or self.of(column.words or f"{table.model}.{column.name}")

    def meaning(self, table: Table, column: Column) -> str:
        """Return the meaning of the column; empty if no mart describes it."""
        found = self._find(column.words or f"{table.model}.{column.name}")
        return _plain(found.description) if found else ""

    def meaning_of(self, address: str) -> str:
        """Return the meaning of `model.column`."""
        found = self._find(address)
        return _plain(found.description) if found else ""

    def caption_of(self, column: str) -> str:
        """Return the caption of a column that several marts have."""
        for mart in self.catalogue.marts.values():
            if column in mart.columns:
                return mart.columns[column].caption
        return readable(column)

    def of(self, address: str) -> str:
        """Return the caption of `model.column`."""
        found = self._find(address)
        return found.caption if found else readable(address.split(".")[-1])

    def _find(self, address: str) -> PublishedColumn | None:
        model, name = address.split(".")
        mart = self.catalogue.marts.get(model)
        return mart.columns.get(name) if mart else None


def _plain(description: str) -> str:
    return " ".join(description.replace("`", "").split())
