"""Manage releases: a folder for each, and a link to the current one.

A release is written under a temporary name, then renamed, and then the link `current` is replaced
in one step. If the work stops before that, readers keep the previous release, and the next run
removes the remains.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from persona_access.base.files import sync, write_atomically
from persona_access.base.locks import only_one
from persona_access.base.settings import Settings

_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Releases:
    """The releases below one folder: `releases/<as-of date>_<n>/` and the link `current`."""

    root: Path

    @property
    def current(self) -> Path:
        """The link that readers follow."""
        return self.root / "current"

    @property
    def current_name(self) -> str | None:
        """The name of the release to which `current` points; None before the first."""
        return self.current.readlink().name if self.current.is_symlink() else None

    @property
    def previous_name(self) -> str | None:
        """The name of the release that a rollback restores, or None."""
        names = self.names()
        earlier = names[: names.index(self.current_name)] if self.current_name in names else []
        return earlier[-1] if earlier else None

    @property
    def _folder(self) -> Path:
        return self.root / "releases"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of these releases; the system frees it when the process ends.

        Raises MachineError if another process is publishing.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with only_one(self.root / ".lock", f"Another process is publishing to {self.root}"):
            yield

    @contextmanager
    def new(
        self, week: date, keep: int, put_on_record: Callable[[Path], object] = lambda _: None
    ) -> Iterator[Path]:
        """Provide an empty folder; if the block succeeds, it becomes the current release.

        `put_on_record` is called just before that, so that readers see only recorded releases.
        Keeps the newest `keep` releases. The lock must be held.
        """
        unfinished = self._folder / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            yield unfinished
            _sync(unfinished)
            place = self._folder / self._next_name(week)
            unfinished.rename(place)
            sync(self._folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        try:
            put_on_record(place)
            self.make_current(place.name)
        except BaseException:
            if self.current_name != place.name:
                self.forget([place.name])
            raise
        self._forget(keep)

    def make_current(self, name: str) -> None:
        """Make an existing release current in one step. The lock must be held."""
        link = self.root / f".current{_UNFINISHED}"
        link.unlink(missing_ok=True)
        link.symlink_to(self.folder(name).relative_to(self.root))
        link.replace(self.current)
        sync(self.root)

    def folder(self, name: str) -> Path:
        """Return the folder of a release."""
        return self._folder / name

    def names(self) -> list[str]:
        """List the releases, oldest first."""
        return sorted((path.name for path in self._folder.glob("[!.]*")), key=_order)

    def older_than(self, week: date) -> list[str]:
        """List the releases of earlier weeks that are not needed by readers or a rollback."""
        needed = (self.current_name, self.previous_name)
        return [
            name
            for name in self.names()
            if _order(name)[0] < week.isoformat() and name not in needed
        ]

    def sent_to(self, url: str) -> list[str]:
        """List the releases that were sent completely to the bucket at an address."""
        return self._sent().get(url, [])

    def note_sent(self, url: str) -> None:
        """Record that the bucket at an address has the current release. The lock must be held."""
        sent = {url: [*self.sent_to(url), self.current_name]}
        write_atomically(self.root / "sent.json", json.dumps(self._sent() | sent) + "\n")

    def _sent(self) -> dict[str, list[str]]:
        file = self.root / "sent.json"
        return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}

    def newest_with(self, artefact: str) -> Path | None:
        """Find the folder of an artefact in the newest release that has it."""
        found = self._folder.glob(f"[!.]*/{artefact}")
        return max(found, key=lambda place: _order(place.parent.name), default=None)

    def _next_name(self, week: date) -> str:
        numbers = [_order(name)[1] for name in self.names() if name.startswith(f"{week}_")]
        return f"{week}_{max(numbers, default=0) + 1}"

    def forget(self, names: Iterable[str]) -> None:
        """Remove releases; readers keep their open files. The lock must be held."""
        # Renamed first, so that nobody opens a partly deleted release.
        doomed = self._folder / _UNFINISHED
        shutil.rmtree(doomed, ignore_errors=True)
        for name in names:
            (self._folder / name).rename(doomed)
            shutil.rmtree(doomed)

    def _forget(self, keep: int) -> None:
        """Remove the oldest releases, but always keep the current one."""
        in_force = self.current_name
        stay = self.staying(keep, in_force)
        self.forget([name for name in self.names() if name not in stay])

    def staying(self, keep: int, current: str | None) -> list[str]:
        """Return the releases to keep if a given release is the current one."""
        others = [name for name in self.names() if name != current]
        newest = others[max(0, len(others) - (keep - 1)) :]
        return [*newest, *([current] if current else [])]


def releases_of(settings: Settings, *, is_masked: bool) -> Releases:
    """Return the releases of a variant."""
    return Releases(settings.published_masked if is_masked else settings.published)


def _order(name: str) -> tuple[str, int]:
    week, _, number = name.partition("_")
    return week, int(number) if number.isdecimal() else 0


def _sync(folder: Path) -> None:
    """Flush every file and folder below a folder to disk."""
    for path in (*folder.rglob("*"), folder):
        sync(path)
