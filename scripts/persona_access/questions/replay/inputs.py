"""The inputs of a week: files and decisions; a replay can substitute both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Inputs:
    """The inputs of a replay: text by seed file, and load id by feed or `feed/source`.

    Without files, the replay reads the unchanged raw layer.
    """

    seeds: dict[str, str]
    files: dict[str, str] | None = None

    def substituted(
        self, other: Inputs, feeds: Sequence[str] = (), seeds: Sequence[str] = ()
    ) -> Inputs:
        """Return these inputs with some feeds' files and some seeds from other inputs."""
        own, others = self.files or {}, other.files or {}
        return Inputs(
            {
                name: (other if name in seeds else self).seeds[name]
                for name in {*self.seeds, *other.seeds}
            },
            {
                name: load_id
                for name in {*own, *others}
                if (load_id := (others if feed_of(name) in feeds else own).get(name))
            },
        )


def feed_of(name: str) -> str:
    """Return the feed of an input that is named `feed` or `feed/source`."""
    return name.partition("/")[0]
