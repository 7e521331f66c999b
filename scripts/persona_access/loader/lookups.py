"""Look up ids by name: of applications in the registry, of personas in the persona list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from persona_access.base.encryption import landed
from persona_access.loader.session import Connection, file, name

# For each kind of name: the feed, the column of the name, and the column of its id.
LOOKUPS = {
    "application_name": ("iam_app_registry", "application_name", "application_id"),
    "persona_name": ("persona_list", "persona_name", "persona_id"),
}


def ids_by_name(connection: Connection, kind: str, rows: Sequence[Path]) -> dict[str, str]:
    """Return the id of each name in lower case; a name with several ids is omitted."""
    _, name_column, id_column = LOOKUPS[kind]
    found: dict[str, set[str]] = {}
    for parquet in rows:
        pair = f"lower(trim({name(name_column)})), {name(id_column)}"
        query = f"select distinct {pair} from {landed(file(parquet))}"  # noqa: S608
        for text, identifier in connection.execute(query).fetchall():
            if text is not None and identifier is not None:
                found.setdefault(text, set()).add(identifier)
    return {text: ids.pop() for text, ids in sorted(found.items()) if len(ids) == 1}
