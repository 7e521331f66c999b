"""Progress of long work; `commands` decides how to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Work:
    """One piece of work under way."""

    def advance(self, amount: float = 1) -> None:
        """Note that so much more of the total is done."""

    def expect(self, total: float) -> None:
        """Note how much there is to do in all."""

    def doing(self, what: str) -> None:
        """Note what is being done now."""


class Reporter:
    """Takes sentences and progress. This one is silent; subclasses show them."""

    def say(self, sentence: str) -> None:
        """Take a sentence about the result."""

    def warn(self, sentence: str) -> None:
        """Take a sentence that a person should read although the work goes on."""

    @contextmanager
    def work(self, what: str, total: float | None = None) -> Iterator[Work]:
        """Watch work that may take more than two seconds; `total` in any unit, if it is known."""
        del what, total
        yield Work()


SILENT = Reporter()
