"""Print records as tables for people, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from persona_access.base.printable import printable
from persona_access.base.queries import Record
from persona_access.base.settings import Settings

# Wide enough that no cell of a file or a pipe is cut.
_PLAIN_WIDTH = 200


class Page:
    """A readable page of headings, sentences and tables."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        if not self._console.is_terminal:
            self._console = Console(
                highlight=False, markup=False, emoji=False, width=_PLAIN_WIDTH, soft_wrap=True
            )

    def heading(self, text: str) -> None:
        """Start a section."""
        self._console.print()
        self._console.print(printable(text), style="bold")

    def say(self, text: str) -> None:
        """Print one sentence."""
        self._console.print(printable(text))

    def table(self, records: Sequence[Record], limit: int | None = None) -> None:
        """Print records under their column names; beyond `limit` only how many more there are."""
        if not records:
            self.say("  none")
            return
        table = Table(box=None, pad_edge=True)
        for name in records[0]:
            is_number = all(
                value is None or (isinstance(value, int | float | Decimal) and value is not True)
                for value in (record[name] for record in records)
            )
            table.add_column(
                printable(name.replace("_", " ")),
                justify="right" if is_number else "left",
                overflow="fold",
            )
        for record in records[:limit]:
            table.add_row(*(cell(value) for value in record.values()))
        self._console.print(table)
        if limit is not None and len(records) > limit:
            self.say(f"  and {len(records) - limit:,} more; --json lists all")


def cell(value: Any) -> str:
    """Write one value for people: thousands apart, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal | float):
        return f"{value:.3f}"
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    return printable(str(value))


def shown(settings: Settings, path: Path) -> str:
    """Write a path as people at the project root would."""
    if path.is_relative_to(settings.project_root):
        return str(path.relative_to(settings.project_root))
    return str(path)


def print_json(document: Record) -> None:
    """Print one JSON document: dates as ISO text, decimals as numbers."""
    typer.echo(json.dumps(document, indent=2, default=plain_value))


def plain_value(value: object) -> object:
    """Convert values that JSON lacks: dates, decimals, paths."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
