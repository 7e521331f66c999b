"""Report a load to people: one sentence for each file, and progress in bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from persona_access.base.printable import counted, printable
from persona_access.base.report import Reporter, Work
from persona_access.base.settings import Settings
from persona_access.loader.discovery import Delivery
from persona_access.loader.outcome import Outcome

OUTCOMES = ("loaded", "unchanged", "refused", "skipped")
_MAX_DETAILS = 5


class LoadReport:
    """Collects the outcomes of a load and reports each immediately."""

    def __init__(self, report: Reporter) -> None:
        self.outcomes: list[Outcome] = []
        self._report = report
        self._work = Work()

    @property
    def is_fault(self) -> bool:
        """Return whether a person must act."""
        return any(found.is_fault for found in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of files by outcome."""
        counts = Counter[str](found.outcome for found in self.outcomes)
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    @contextmanager
    def working(self) -> Iterator[None]:
        """Show the progress of one load."""
        with self._report.work("load") as self._work:
            yield

    def say(self, sentence: str) -> None:
        """Report a sentence that is not about one file."""
        self._report.say(sentence)

    def expect(self, deliveries: Sequence[Delivery]) -> None:
        """Record the deliveries that follow."""
        self._work.expect(sum(delivery.n_bytes for delivery in deliveries))

    def start(self, delivery: Delivery) -> None:
        """Record that a delivery is read now."""
        self._work.doing(delivery.name)

    def finish(self, found: Outcome) -> None:
        """Report the outcome of a file."""
        self.outcomes.append(found)
        word = found.outcome.upper() if found.outcome == "refused" else found.outcome
        self._report.say(f"{word:<10}  {found.file_name}: {found.sentence}")
        for detail in found.details[:_MAX_DETAILS]:
            self._report.say(f"              {printable(detail)}")
        for note in found.notes:
            self._report.say(f"              {printable(note)}")
        if found.outcome == "refused" and found.file_is:
            self._report.say(f"              The file was {found.file_is}")
        self._work.advance(found.n_bytes)

    def conclude(self, settings: Settings) -> None:
        """Report the totals of the load."""
        counts = self.counts
        if not self.outcomes:
            self._report.say(f"Nothing to load in {settings.main_zone}.")
            return
        n_rows = sum(found.n_rows_loaded for found in self.outcomes)
        n_bad = sum(found.n_rows_quarantined for found in self.outcomes)
        self._report.say(
            f"{counted(counts['loaded'], 'file')} loaded ({counted(n_rows, 'row')}, "
            f"{n_bad:,} quarantined), "
            f"{counts['unchanged']} unchanged, {counts['refused']} refused, "
            f"{counts['skipped']} skipped. The raw layer is {settings.raw}."
        )
