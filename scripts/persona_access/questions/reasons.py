"""Explain the reasons why a person has no persona."""

from __future__ import annotations

from pathlib import Path

from persona_access.base.glossary import read_glossary


def in_words(models: Path, unresolved_reason: str) -> str:
    """Return the reason why a person has no persona, with its explanation in the glossary."""
    word = read_glossary(models).get("reconciliation_reason", {}).get(unresolved_reason)
    if word is None:
        return unresolved_reason
    text = f"{word.meaning} {word.action}".rstrip()
    return f"{unresolved_reason}: {text[:1].lower()}{text[1:]}"
