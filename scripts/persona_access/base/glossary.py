"""The glossary: what the words of coded columns mean, from the docs of the models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"{% docs (word__\w+) %}(.*?){% enddocs %}", re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A value of a vocabulary: its meaning, and the action, if any."""

    meaning: str
    action: str = ""


# Words by column and value.
Glossary = dict[str, dict[str, Word]]


def read_glossary(models: Path) -> Glossary:
    """Read the glossary from the files of the models, without dbt."""
    return glossary_of(
        block
        for file in sorted(models.glob("**/*.md"))
        for block in _BLOCK.findall(file.read_text("utf-8"))
    )


def glossary_of(blocks: Iterable[tuple[str, str]]) -> Glossary:
    """Collect the words from doc blocks, by name and text; others than `word__` are ignored."""
    words: Glossary = {}
    for name, text in blocks:
        prefix, _, named = name.partition("__")
        column, _, value = named.partition("__")
        if prefix == "word" and value:
            meaning, _, action = text.strip().partition("\n\n")
            words.setdefault(column, {})[value] = Word(
                " ".join(meaning.split()), " ".join(action.split())
            )
    return words
