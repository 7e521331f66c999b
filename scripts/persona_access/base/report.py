"""Report progress of long work; the layer `commands` decides how to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Work:
    """One piece of work under way."""

    def advance(self, amount: float = 1) -> None:
        """Record progress by an amount."""

    def expect(self, total: float) -> None:
        """Record the total amount of work."""

    def doing(self, what: str) -> None:
        """Record the current step."""


class Reporter:
    """Receives messages and progress. This class discards them; subclasses show them."""

    def say(self, sentence: str) -> None:
        """Receive a message about the result."""

    def warn(self, sentence: str) -> None:
        """Receive a warning: the work continues, but a person should read it."""

    @contextmanager
    def work(self, what: str, total: float | None = None) -> Iterator[Work]:
        """Track work that can take more than two seconds; `total` is in any unit, if known."""
        del what, total
        yield Work()


SILENT = Reporter()
