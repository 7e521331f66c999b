"""Read from the dbt YAML what is published, for whom, and with which texts.

A mart is published when its `config.meta.published` says so. The same content is stored as
`catalogue.json` beside the Parquet files, so that their users need neither dbt nor the project.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import TypeAdapter

from persona_access.base.dbt import one_line
from persona_access.base.errors import SettingsError
from persona_access.base.glossary import Glossary, Word, glossary_of

if TYPE_CHECKING:
    # Importing dbt takes a second, and reading a catalogue does not need it.
    from dbt.contracts.graph.manifest import Manifest

FILE_NAME = "catalogue.json"
_ACRONYMS = {name: name.upper() for name in ("brid", "hr", "iam", "id", "sla")} | {
    "ids": "IDs",
    "sha256": "SHA-256",
}

History = Literal["newest_week", "all"]
Rows = Literal["all"] | dict[str, str]
Privacy = Literal["none", "identifier", "identifiers", "name", "email", "free_text"]


@dataclass(frozen=True)
class Column:
    """A published column: its type in the contract, and its texts for people.

    `format` is `percent` or None; `folder` groups columns in tools that list them.
    """

    name: str
    data_type: str
    description: str
    caption: str
    folder: str | None
    format: str | None
    privacy: Privacy


@dataclass(frozen=True)
class Mart:
    """A published model of the layers marts and reporting.

    `audience` defines the rows that each role can read: `all`, or {rule: column} for rows whose
    column contains one of the reader's keys. `key` has the unique columns; it is empty if not
    declared.
    """

    name: str
    description: str
    history: History
    audience: dict[str, Rows]
    key: tuple[str, ...]
    columns: dict[str, Column]
    # Releases of older versions lack it.
    schema: str = "marts"

    @property
    def is_open(self) -> bool:
        """Return whether every role that reads the mart reads all its rows."""
        return all(rows == "all" for rows in self.audience.values())

    @property
    def relation(self) -> str:
        """Name of the relation in the warehouse."""
        return f"{self.schema}.{self.name}"


# Columns with this in their name use the words of another column.
_SHARED_WORDS = {
    "candidate_state": "employment_state",
    "status": "reconciliation_status",
    "finding_type": "reconciliation_status",
    "reason": "reconciliation_reason",
    "cause": "change_cause",
    "method": "assignment_method",
    "disposition": "disposition",
}

# Words by vocabulary, which is the name of a column, and by value.


@dataclass(frozen=True)
class Declared:
    """The declarations of a project: its published marts, and the words of their vocabularies."""

    marts: dict[str, Mart]
    # Releases of older versions lack this.
    glossary: Glossary = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """The marts of one release, their week, and the words of their vocabularies."""

    as_of_date: date
    marts: dict[str, Mart]
    # Releases of older versions lack this.
    glossary: Glossary = field(default_factory=dict)

    def vocabulary(self, column: str) -> dict[str, Word]:
        """Return the words of a column: its own, or those of the column that it copies."""
        named = next((name for ending, name in _SHARED_WORDS.items() if ending in column), column)
        return self.glossary.get(column) or self.glossary.get(named, {})

    def write(self, folder: Path) -> None:
        """Write catalogue.json beside the marts."""
        text = json.dumps(asdict(self), indent=2, default=str, ensure_ascii=False)
        (folder / FILE_NAME).write_text(text + "\n", "utf-8")


def published_marts(manifest: Manifest) -> dict[str, Mart]:
    """List the marts that the models declare as published, by name.

    Raises SettingsError if a declaration is missing or misspelt.
    """
    marts = {}
    for node in sorted(manifest.nodes.values(), key=lambda node: node.name):
        is_model = str(node.resource_type) == "model"
        published = node.config.meta.get("published") if is_model else None
        if published is None:
            continue
        words = _words(manifest, node.group)
        if published.get("history") not in ("newest_week", "all"):
            raise SettingsError(
                f"{node.original_file_path}: published.history of '{node.name}' is "
                f"'{published.get('history')}'; write newest_week or all."
            )
        marts[node.name] = Mart(
            name=node.name,
            description=one_line(node.description),
            history=published["history"],
            audience=published["audience"],
            key=tuple(published.get("key", ())),
            columns={
                column.name: _column(node.original_file_path, column, words)
                for column in node.columns.values()
                if column.config.meta.get("is_published", True)
            },
            schema=node.schema,
        )
    return marts


def glossary(manifest: Manifest) -> Glossary:
    """Read the doc blocks `word__<column>__<value>` of the project."""
    return glossary_of((block.name, block.block_contents) for block in manifest.docs.values())


def read_catalogue(folder: Path) -> Catalogue:
    """Read the catalogue.json of a folder of marts."""
    found = json.loads((folder / FILE_NAME).read_text("utf-8"))
    declared = as_declared(found)
    week = date.fromisoformat(found["as_of_date"])
    return Catalogue(week, declared.marts, declared.glossary)


def as_declared(found: dict[str, Any]) -> Declared:
    """Read marts and words from the result of `asdict`."""
    return TypeAdapter(Declared).validate_python(found)


def _words(manifest: Manifest, group: str | None) -> dict[str, Any]:
    """Return the texts that all models of a group share, by column name."""
    for candidate in manifest.groups.values():
        if candidate.name == group:
            return dict(candidate.config.meta)
    return {}


def _column(file: str, column: Any, words: dict[str, Any]) -> Column:
    is_text = column.data_type in ("string", "varchar", "text")
    privacy = column.config.meta.get("privacy", None if is_text else "none")
    if privacy not in get_args(Privacy):
        raise SettingsError(
            f"{file}: column '{column.name}' needs config.meta.privacy, one of "
            f"{', '.join(get_args(Privacy))}."
        )
    folders = words.get("folders", {})
    return Column(
        name=column.name,
        data_type=column.data_type,
        description=one_line(column.description),
        caption=words.get("captions", {}).get(column.name, readable(column.name)),
        folder=next((name for name, held in folders.items() if column.name in held), None),
        format=words.get("formats", {}).get(column.name),
        privacy=privacy,
    )


def in_words(value: str) -> str:
    """Format a word of a vocabulary for people: `hr_row_quarantined` is HR row quarantined."""
    return " ".join(_ACRONYMS.get(word, word) for word in value.split("_"))


def readable(name: str) -> str:
    """Format a column name for people: `n_holders` is Holders, `cause_id` is Cause ID."""
    bare = name.removeprefix("n_").removeprefix("is_")
    first, *others = [_ACRONYMS.get(word, word) for word in bare.split("_")]
    return " ".join([first[:1].upper() + first[1:], *others])
