"""A bucket as drop zone: objects come to a local folder, and are put away when their fate is known.

The loader's ledger decides what was loaded, so a kill between two steps costs a second look and
nothing else: the object is fetched again, known again, and put where it belongs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from persona_access.errors import MachineError, SettingsError
from persona_access.loader.discovery import MANIFEST_SUFFIX, is_named_as_delivery
from persona_access.loader.outcome import Outcome

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

SCHEMES = ("s3", "az", "gs", "file")
_CHUNK_BYTES = 8 * 1024 * 1024
_RETRY: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


@dataclass(frozen=True)
class Bucket:
    """The objects directly below one address; `archive/` and `rejected/` lie below it, too."""

    url: str
    store: ObjectStore
    _fetched: dict[str, str | None] = field(default_factory=dict)

    @staticmethod
    def open(url: str) -> Bucket:
        """Open an address; credentials come from the environment or the machine's identity.

        Raises SettingsError when it is none.
        """
        scheme = url.partition("://")[0]
        if scheme not in SCHEMES:
            raise SettingsError(
                f"The drop zone {url} is of no kind that is known: give a folder, or an address "
                f"that begins with {', '.join(f'{known}://' for known in SCHEMES)}."
            )
        try:
            if scheme == "file":
                return Bucket(url, from_url(url))
            return Bucket(url, from_url(url, retry_config=_RETRY, client_options=_client()))
        except (BaseError, ValueError) as error:
            raise SettingsError(f"The drop zone {url} cannot be opened: {_cause(error)}") from error

    def objects(self) -> list[obstore.ObjectMeta]:
        """List the objects that lie directly in the drop zone.

        Raises MachineError when the server does not answer or refuses.
        """
        with self._server_faults("listed"):
            return list(obstore.list_with_delimiter(self.store)["objects"])

    def fetch(self, feeds: Collection[str], folder: Path, *, say: Callable[[str], None]) -> None:
        """Bring every delivery and manifest to an empty folder, whole or not at all.

        Of anything else only the name comes, for the loader to speak of: its bytes are not needed.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for found in self.objects():
            name = PurePosixPath(found["path"]).name
            if not is_named_as_delivery(name, feeds):
                (folder / name).touch()
                continue
            say(f"Fetching {name} ({found['size'] / 1e6:,.1f} MB).")
            with self._server_faults(f"read at {name}"):
                self._fetched[name] = self._download(name, folder)

    def put_away(self, outcome: Outcome) -> Outcome:
        """Move an object whose fate is recorded to archive/ or rejected/, by extract date.

        An object that was written anew since it was fetched stays for the next run.
        """
        if outcome.load_id is None:
            return outcome
        is_refused = outcome.outcome == "refused"
        place = "/".join(
            (
                "rejected" if is_refused else "archive",
                outcome.extract_date or "without_date",
                outcome.load_id,
            )
        )
        name = outcome.file_name
        with self._server_faults(f"changed at {name}"):
            if is_refused:
                reason = "\n".join((f"{name} was refused: {outcome.sentence}", *outcome.details))
                obstore.put(self.store, f"{place}/{name}.reason.txt", reason.encode())
            manifest = name + MANIFEST_SUFFIX
            if manifest in self._fetched:
                self._move(manifest, f"{place}/{manifest}")
            is_moved = self._move(name, f"{place}/{name}")
        where = f"moved to {self.url}/{place}/{name}"
        stays = "left in the drop zone: it was written anew, and the next run takes it"
        return replace(outcome, file_is=where if is_moved else stays)

    def _download(self, name: str, folder: Path) -> str | None:
        """Write the bytes of an object, and return the tag of these very bytes."""
        unfinished = folder / f"{name}.part"
        found = obstore.get(self.store, name)
        with unfinished.open("wb") as file:
            for chunk in _chunks(found):
                file.write(chunk)
        unfinished.replace(folder / name)
        return found.meta["e_tag"]

    def _move(self, source: str, target: str) -> bool:
        is_same = obstore.head(self.store, source)["e_tag"] == self._fetched[source]
        if is_same:
            obstore.rename(self.store, source, target)
        return is_same

    @contextmanager
    def _server_faults(self, done: str) -> Iterator[None]:
        try:
            yield
        except BaseError as error:
            raise MachineError(
                f"The drop zone {self.url} cannot be {done} ({_cause(error)}): see that the server "
                "answers and that the credentials in the environment may do it, then run the "
                "command again; what was loaded stays loaded."
            ) from error


def _client() -> ClientConfig:
    """Give big objects time, and say again what options given here would hide: plain HTTP."""
    words = (os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() for cloud in ("AWS", "AZURE"))
    return {"connect_timeout": "10s", "timeout": "300s", "allow_http": "true" in words}


def _chunks(found: obstore.GetResult) -> Iterator[bytes]:
    for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
        yield bytes(chunk)


def _cause(error: Exception) -> str:
    """Take the first line of a fault, which has no credentials; the rest is for developers."""
    return str(error).splitlines()[0].strip()[:300]
