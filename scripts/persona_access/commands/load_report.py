"""The output of a load: a progress bar on a terminal, plain lines elsewhere, or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from persona_access import __version__
from persona_access.base.errors import EXIT_OK, EXIT_SOME_REFUSED, PersonaAccessError
from persona_access.base.printable import printable
from persona_access.base.settings import Settings
from persona_access.loader.discovery import Delivery
from persona_access.loader.outcome import Outcome, Watcher

_MAX_DETAILS = 5
_WORDS = {
    "loaded": "loaded    ",
    "unchanged": "unchanged ",
    "refused": "REFUSED   ",
    "skipped": "skipped   ",
}


class LoadReport:
    """Collects the outcomes of a load and shows each when it is known."""

    def __init__(self, *, is_json: bool) -> None:
        self.outcomes: list[Outcome] = []
        self._is_json = is_json
        # Long lines are the reader's business: file names and sentences stay in one piece.
        self._console = Console(quiet=is_json, soft_wrap=True, highlight=False, markup=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=is_json or not self._console.is_terminal,
        )
        self._task = self._bar.add_task("load", total=None)

    @property
    def watcher(self) -> Watcher:
        """The watcher that feeds the report."""
        return Watcher(self._say, self._expect, self._start, self._finish)

    @property
    def exit_code(self) -> int:
        """0 when nobody has to act, else 4: what was not refused is loaded."""
        return EXIT_SOME_REFUSED if any(found.is_fault for found in self.outcomes) else EXIT_OK

    def __enter__(self) -> LoadReport:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _say(self, sentence: str) -> None:
        self._console.print(sentence)

    def _expect(self, deliveries: Sequence[Delivery]) -> None:
        self._bar.update(self._task, total=sum(delivery.n_bytes for delivery in deliveries))

    def _start(self, delivery: Delivery) -> None:
        self._bar.update(self._task, description=printable(delivery.name))

    def _finish(self, found: Outcome) -> None:
        self.outcomes.append(found)
        self._console.print(f"{_WORDS[found.outcome]}  {found.file_name}: {found.sentence}")
        for detail in found.details[:_MAX_DETAILS]:
            self._console.print(f"              {printable(detail)}")
        if found.outcome == "refused" and found.file_is:
            self._console.print(f"              The file was {found.file_is}")
        self._bar.advance(self._task, found.n_bytes)

    def close(self, settings: Settings, error: PersonaAccessError | None = None) -> None:
        """Print the totals of the load, or the whole JSON document."""
        counts = Counter[str](found.outcome for found in self.outcomes)
        if self._is_json:
            self._print_json(settings, counts, error)
        elif not self.outcomes and error is None:
            self._say(f"Nothing to load in {settings.main_zone}.")
        elif self.outcomes:
            n_rows = sum(found.n_rows_loaded for found in self.outcomes)
            n_bad = sum(found.n_rows_quarantined for found in self.outcomes)
            self._say(
                f"{counts['loaded']} files loaded ({n_rows:,} rows, {n_bad:,} quarantined), "
                f"{counts['unchanged']} unchanged, {counts['refused']} refused, "
                f"{counts['skipped']} skipped. The raw layer is {settings.raw}."
            )

    def _print_json(
        self, settings: Settings, counts: Mapping[str, int], error: PersonaAccessError | None
    ) -> None:
        document = {
            "loader_version": __version__,
            "drop_zone": str(settings.main_zone),
            "raw_layer": str(settings.raw),
            "exit_code": error.exit_code if error else self.exit_code,
            "error": str(error) if error else None,
            "counts": {outcome: counts.get(outcome, 0) for outcome in _WORDS},
            "files": [asdict(found) for found in self.outcomes],
        }
        # Not the console: nothing may wrap or colour a document for machines.
        typer.echo(json.dumps(document, indent=2))
