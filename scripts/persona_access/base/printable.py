"""Text from outside, made fit for a terminal and a log."""

from __future__ import annotations


def printable(text: str) -> str:
    """Escape control characters and bytes that are not UTF-8."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
