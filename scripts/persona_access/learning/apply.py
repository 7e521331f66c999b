"""Look people up in mapping rows: the first kind of key that matches, as the SQL models do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from persona_access.learning.newcomers import Newcomers
from persona_access.learning.observations import COST_CENTER, COST_CENTER_PREFIX, HIRED, SEEN
from persona_access.learning.prefix import prefix_of
from persona_access.learning.rows import MappingRow


@dataclass(frozen=True)
class Lookup:
    """Mapping rows, indexed for look-ups."""

    kinds: tuple[tuple[str, ...], ...]
    rows: dict[tuple[str, ...], dict[tuple[str, ...], MappingRow]]
    prefix_length: int
    newcomers: Newcomers

    @classmethod
    def of(cls, rows: Sequence[MappingRow], newcomers: Newcomers | None = None) -> Lookup:
        """Index rows by kind of key and values; all prefixes of cost centers have one length."""
        by_kind: dict[tuple[str, ...], dict[tuple[str, ...], MappingRow]] = {}
        for row in sorted(rows, key=lambda row: row.key_rank):
            by_kind.setdefault(tuple(row.key), {})[tuple(row.key.values())] = row
        prefixes = (row.key.get(COST_CENTER_PREFIX, "") for row in rows)
        length = max(map(len, prefixes), default=0)
        return cls(tuple(by_kind), by_kind, length, newcomers or Newcomers())

    def answer(self, person: Mapping[str, str | None]) -> MappingRow | None:
        """Find the row of a person; `person` maps attributes to values in lower case."""
        values = dict(person)
        values[COST_CENTER_PREFIX] = prefix_of(person.get(COST_CENTER), self.prefix_length)
        for kind in self.kinds:
            row = self.rows[kind].get(tuple(values.get(name) or "" for name in kind))
            if row is not None:
                return row
        return None

    def assured(self, row: MappingRow | None, person: Mapping[str, str | None]) -> float:
        """Return the precision that a person's row assures; newcomers have a separate one."""
        if row is None:
            return 0.0
        return self.newcomers.precision(
            row.assured_precision, row.newcomer_precision, person.get(HIRED), person.get(SEEN)
        )
