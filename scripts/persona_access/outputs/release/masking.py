"""Mask marts: stable pseudonyms instead of identifiers, no names.

A pseudonym is an HMAC-SHA256 under a secret key: a person has the same pseudonym in every mart and
week, and without the key nobody can test identifiers. Values are replaced while the Parquet files
are written, so all outputs made from them are masked, and no unmasked file exists.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.settings import Settings
from persona_access.outputs.release.catalogue import Mart
from persona_access.outputs.release.export import write_parquet

KEY_VARIABLE = "PERSONA_ACCESS_MASKING_KEY"
# The possible forms of a BRID, also within a longer text.
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class MaskingKey:
    """The secret key of the pseudonyms; it is never published."""

    secret: bytes

    @classmethod
    def from_settings(cls, settings: Settings) -> MaskingKey:
        """Read the key from the settings.

        Raises SettingsError if there is none.
        """
        if settings.masking_key is None:
            raise SettingsError(
                f"{KEY_VARIABLE} is not set: a masked release needs a secret of at least 16 "
                "characters, the same every week so that pseudonyms stay. Create one with "
                '`python -c "import secrets; print(secrets.token_urlsafe(32))"` and keep it in the '
                "secret store."
            )
        return cls(settings.masking_key.encode())

    @property
    def fingerprint(self) -> str:
        """Identifies the key; only pseudonyms with the same key can be compared."""
        return self._digest("the fingerprint of this key", "key")[:8]

    def pseudonym(self, identifier: str) -> str:
        """Return the pseudonym of an identifier: `P-` and 16 hexadecimal digits."""
        return f"P-{self._digest(identifier, 'identifier')[:16]}"

    def _digest(self, text: str, purpose: str) -> str:
        return hmac.digest(self.secret, f"{purpose}:{text}".encode(), "sha256").hex()


def mask_marts(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    sources: Mapping[str, str],
    target: Path,
    key: MaskingKey,
) -> dict[str, ContentHash]:
    """Write the masked variant of each mart as a Parquet file; nothing unmasked is written.

    `sources` are queries of the rows by mart. Returns the contents by mart. Raises
    PersonaAccessError if two identifiers would share a pseudonym, MachineError if rows got lost.
    """
    masks = _masks(connection, marts, sources, key)
    connection.register("masks", masks)
    # A copy inside DuckDB, because it is joined with every column of every mart.
    connection.sql("create temp table mask as from masks")
    return {
        mart.name: _mask_mart(connection, mart, sources[mart.name], target)
        for mart in marts.values()
    }


def masked_text(text: str, pseudonyms: Mapping[str, str]) -> str:
    """Replace the identifiers within a text, including those between underscores of a file name.

    `pseudonyms` are by identifier, in upper case.
    """

    def replace(found: re.Match[str]) -> str:
        whole = pseudonyms.get(found[0].upper())
        return whole or "_".join(pseudonyms.get(part.upper(), part) for part in found[0].split("_"))

    return _IDENTIFIER.sub(replace, text)


def _masks(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    sources: Mapping[str, str],
    key: MaskingKey,
) -> pa.Table:
    """Create a table of kind, value and replacement for all values of all marts."""
    pseudonyms = {
        value: key.pseudonym(value)
        for value in _values(connection, marts, sources, "identifier")
        # Placeholders such as `(not in HR)` do not identify a person.
        if not value.startswith("(")
    }
    if len(set(pseudonyms.values())) < len(pseudonyms):
        raise PersonaAccessError(
            "Two identifiers have the same pseudonym; nothing was published: set "
            f"{KEY_VARIABLE} to another secret and publish again."
        )

    rows = [("identifier", value, mask) for value, mask in pseudonyms.items()]
    rows += [
        ("identifiers", text, masked_text(text, pseudonyms))
        for text in _values(connection, marts, sources, "identifiers")
    ]
    return pa.table(
        [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        if rows
        else [pa.array([], pa.string())] * 3,
        names=["kind", "value", "masked"],
    )


def _values(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    sources: Mapping[str, str],
    kind: str,
) -> list[str]:
    parts = [
        f"select {column.name} from ({sources[mart.name]})"  # noqa: S608
        for mart in marts.values()
        for column in mart.columns.values()
        if column.privacy == kind
    ]
    if not parts:
        return []
    rows = connection.sql(" union ".join(parts)).fetchall()
    return sorted(value for (value,) in rows if value is not None)


def _mask_mart(
    connection: duckdb.DuckDBPyConnection, mart: Mart, source: str, target: Path
) -> ContentHash:
    columns, joins, keys = [], [], []
    for column in mart.columns.values():
        name = column.name
        match column.privacy:
            case "none":
                columns.append(f"mart.{name}")
            case "identifier" | "identifiers":
                columns.append(f"coalesce(mask_{name}.masked, mart.{name}) as {name}")
                keys.append(name)
                of_kind = f"(from mask where kind = '{column.privacy}')"
                same = f"mask_{name}.value = mart.{name}"
                joins.append(f"left join {of_kind} as mask_{name} on {same}")
            case "name" | "email" | "free_text":
                columns.append(f"cast(null as varchar) as {name}")
    # Sorted by pseudonym: the order of the identifiers would reveal them.
    order = f" order by {', '.join(keys)}" if keys else ""
    query = f"select {', '.join(columns)} from ({source}) as mart {' '.join(joins)}{order}"  # noqa: S608
    file = target / f"{mart.name}.parquet"
    write_parquet(connection, query, file)
    written = content_hash(connection, f"read_parquet('{file}')")
    if written.n_rows != content_hash(connection, f"({source})").n_rows:
        raise MachineError(
            f"{file.name}, read back, has another number of rows than the warehouse; nothing "
            "was published. Check the disk, and publish again."
        )
    return written
