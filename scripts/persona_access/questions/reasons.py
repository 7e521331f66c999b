"""Explain the reasons why a person has no persona."""

from __future__ import annotations

from pathlib import Path

from persona_access.base.coded_words import coded_words


def in_words(models: Path, unresolved_reason: str) -> str:
    """Return the reason why a person has no persona, with its explanation in the glossary."""
    for word in coded_words(models):
        if (word.column, word.value) == ("reconciliation_reason", unresolved_reason):
            text = f"{word.meaning} {word.action}".rstrip()
            return f"{unresolved_reason}: {text[:1].lower()}{text[1:]}"
    return unresolved_reason
