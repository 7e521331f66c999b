"""Read what coded words mean, from the docs of the models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"{% docs word__(?P<name>\w+) %}(?P<text>.*?){% enddocs %}", re.DOTALL)


class Word(NamedTuple):
    """A word of a column, its meaning, and the action that it asks for, if any."""

    column: str
    value: str
    meaning: str
    action: str


def coded_words(models: Path) -> Iterator[Word]:
    """Yield every word that the docs of the models explain."""
    for file in sorted(models.glob("**/*.md")):
        for block in _BLOCK.finditer(file.read_text("utf-8")):
            column, _, value = block["name"].partition("__")
            meaning, _, action = block["text"].strip().partition("\n\n")
            yield Word(column, value, " ".join(meaning.split()), " ".join(action.split()))
