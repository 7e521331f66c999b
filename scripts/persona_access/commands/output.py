"""Show results: sentences, tables and progress for people, JSON for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import IO, TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from persona_access.base.errors import EXIT_MACHINE, EXIT_OK, PersonaAccessError
from persona_access.base.printable import cell, printable
from persona_access.base.report import Reporter, Work

if TYPE_CHECKING:
    from persona_access.base.pseudonyms import Pseudonyms
    from persona_access.base.queries import Record
    from persona_access.base.settings import Settings

# Wide enough that no table cell is cut in a file or a pipe.
_PLAIN_WIDTH = 200
# A wider column wraps between words; a narrower one stays on one line.
_LONG = 26
# A longer word, such as the hash of a file, is broken at the edge of the terminal.
_LONGEST = 48


class Output(Reporter):
    """Shows results immediately, or with `is_json` as one document at the end.

    With `is_json`, sentences for people are omitted, and warnings and progress go to stderr.
    """

    def __init__(self, *, is_json: bool = False, log_of: Settings | None = None) -> None:
        self.is_json = is_json
        self.document: Record = {}
        self.exit_code = EXIT_OK
        self._console = _console(quiet=is_json)
        self._errors = _console(stderr=True)
        self._live = self._errors if is_json else self._console
        self._progress: Progress | None = None
        # Output to a pipe or file becomes a log.
        is_shown = self._errors.is_terminal and self._console.is_terminal
        self.pseudonyms: Pseudonyms | None = None
        if log_of and not is_shown and not log_of.logs_people:
            from persona_access.base.pseudonyms import Pseudonyms

            self.pseudonyms = Pseudonyms(log_of)

    def hide(self, sentence: str) -> str:
        """Replace what can name a person, if the output is a log."""
        return self.pseudonyms.hide(sentence) if self.pseudonyms else sentence

    def say(self, sentence: str) -> None:
        """Print one sentence without line breaks, so that file names in it can be copied."""
        self._console.print(printable(self.hide(sentence)), soft_wrap=True)

    def warn(self, sentence: str) -> None:
        """Print one sentence to stderr."""
        self._errors.print(printable(self.hide(sentence)), soft_wrap=True)

    def heading(self, text: str) -> None:
        """Start a section."""
        self._console.print()
        self._console.print(printable(text), style="bold", soft_wrap=True)

    def table(
        self, records: Sequence[Record], limit: int | None = None, title: str | None = None
    ) -> None:
        """Print records as a table; after `limit` rows, print only how many more there are."""
        if not records:
            self.say("  none")
            return
        shown = [
            {name: cell(value) for name, value in record.items()} for record in records[:limit]
        ]
        names, n_left_out = self._fitting(shown)
        table = Table(box=None, pad_edge=True, title=title, title_justify="left")
        for name in names:
            needed = _needed(name, shown)
            table.add_column(
                printable(name.replace("_", " ")),
                justify="right" if all(_is_number(record[name]) for record in records) else "left",
                overflow="fold",
                # A date or an id with a line break cannot be read or copied.
                no_wrap=needed == _width(name, shown),
                min_width=needed,
            )
        for row in shown:
            table.add_row(*(row[name] for name in names))
        self._console.print(table, soft_wrap=not self._console.is_terminal)
        if n_left_out:
            columns = "column" if n_left_out == 1 else "columns"
            self.paragraph(
                f"and {n_left_out} more {columns}: widen the terminal, or use --json", indent=2
            )
        if limit is not None and len(records) > limit:
            self.say(f"  and {len(records) - limit:,} more; --json lists all")

    def paragraph(
        self, text: str, *, indent: int = 0, hanging: int = 0, style: str | None = None
    ) -> None:
        """Print text in lines as wide as the terminal, broken between words."""
        width = self._console.width if self._console.is_terminal else _PLAIN_WIDTH
        lines = wrap(
            printable(text),
            width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines:
            self._console.print(line, style=style, soft_wrap=True)

    def verdict(self, sentence: str, *, is_good: bool) -> None:
        """Print the main result, in a colour that fits it."""
        self.paragraph(sentence, style="bold green" if is_good else "bold red")

    def _fitting(self, rows: Sequence[dict[str, str]]) -> tuple[list[str], int]:
        """Choose the first columns that fit the terminal, and count the others."""
        names = list(rows[0])
        if not self._console.is_terminal:
            return names, 0
        room = self._console.width - 1
        chosen: list[str] = []
        for name in names:
            room -= _needed(name, rows) + 2
            if room < 0 and len(chosen) > 1:
                break
            chosen.append(name)
        return chosen, len(names) - len(chosen)

    @contextmanager
    def work(self, what: str, total: float | None = None) -> Iterator[Work]:
        """Show the progress and the elapsed time of work on a terminal."""
        if not self._live.is_terminal:
            yield Work()
            return
        is_outermost = self._progress is None
        if self._progress is None:
            self._progress = _progress(self._live)
            self._progress.start()
        task = self._progress.add_task(printable(what), total=total)
        self._progress.refresh()
        try:
            yield _Shown(self._progress, task)
        finally:
            self._progress.remove_task(task)
            if is_outermost:
                self._progress.stop()
                self._progress = None


class _Shown(Work):
    """Work that shows its progress on a terminal."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, amount: float = 1) -> None:
        self._progress.advance(self._task, amount)

    def expect(self, total: float) -> None:
        self._progress.update(self._task, total=total)

    def doing(self, what: str) -> None:
        self._progress.update(self._task, description=printable(what), refresh=True)


@contextmanager
def starting(*, is_json: bool) -> Iterator[None]:
    """Show on a terminal that a command has started, while its code is imported."""
    with Output(is_json=is_json).work("start"):
        yield


@contextmanager
def reporting(*, is_json: bool, log_of: Settings | None = None) -> Iterator[Output]:
    """Give a command its output; with `is_json`, print `document` at the end, even after an error.

    The document then has `exit_code` and `error`, which is null if the command succeeded. `log_of`
    are the settings of a command that schedulers run: outside a terminal its output is a log,
    which has pseudonyms instead of people.
    """
    out = Output(is_json=is_json, log_of=log_of)
    try:
        yield out
    except (PersonaAccessError, OSError) as error:
        if isinstance(error, PersonaAccessError):
            error.args = (out.hide(str(error)),)
        if is_json:
            code = error.exit_code if isinstance(error, PersonaAccessError) else EXIT_MACHINE
            print_json(_hidden(out, {**out.document, "exit_code": code, "error": str(error)}))
        raise
    if is_json:
        print_json(_hidden(out, {**out.document, "exit_code": out.exit_code, "error": None}))
    if out.exit_code:
        raise typer.Exit(out.exit_code)


def _hidden(out: Output, document: Record) -> Record:
    return out.pseudonyms.hide_all(document) if out.pseudonyms else document


def print_json(document: Record | list[Record]) -> None:
    """Print one JSON document: dates as ISO text, decimals as numbers."""
    # Not the console, which would wrap and colour the document.
    try:
        typer.echo(json.dumps(document, indent=2, default=_plain_value))
    except BrokenPipeError:
        _write_to_nobody(sys.stdout)


class _Console(Console):
    """A console whose reader can close the pipe, as `head` does; the work continues."""

    def on_broken_pipe(self) -> None:
        """Stop writing; by default the library would end the process before its work is done."""
        self.quiet = True
        _write_to_nobody(self.file)


def _write_to_nobody(stream: IO[str]) -> None:
    """Redirect the remaining buffer to nowhere, so that the flush at exit succeeds."""
    with suppress(OSError, ValueError):
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, stream.fileno())
        os.close(nobody)


def shown(settings: Settings, path: Path) -> str:
    """Write a path relative to the project root, if it is inside."""
    if path.is_relative_to(settings.project_root):
        return str(path.relative_to(settings.project_root))
    return str(path)


def _console(*, quiet: bool = False, stderr: bool = False) -> Console:
    console = _Console(quiet=quiet, stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _width(name: str, rows: Sequence[dict[str, str]]) -> int:
    return max(len(name), *(len(row[name]) for row in rows))


def _needed(name: str, rows: Sequence[dict[str, str]]) -> int:
    """Return the smallest width of a column that does not break a word."""
    width = _width(name, rows)
    if width <= _LONG:
        return width
    words = (word for row in rows for word in (row[name] or "").split())
    return min(max(_LONG, len(name), *map(len, words)), _LONGEST)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and value is not True)


def _plain_value(value: object) -> object:
    """Convert values that JSON lacks: dates, decimals, paths."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
