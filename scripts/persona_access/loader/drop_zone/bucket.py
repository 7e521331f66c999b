"""Use a bucket as drop zone: objects are copied to a local folder, then archived or rejected.

The loader's ledger decides what was loaded. After a kill between two steps, the object is fetched
again, recognised, and moved to its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import obstore
from obstore.store import ObjectStore

from persona_access.base.buckets import open_store, server_faults
from persona_access.base.contracts import Contract
from persona_access.base.files import empty_folder
from persona_access.base.names import MANIFEST_SUFFIX, read_name
from persona_access.base.printable import counted
from persona_access.loader.discovery import is_declared_folder
from persona_access.loader.outcome import Outcome

_CHUNK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Bucket:
    """The objects directly below one address, or in folders that patterns of sources name.

    `archive/` and `rejected/` are below the same address.
    """

    url: str
    store: ObjectStore
    _fetched: dict[str, str | None] = field(default_factory=dict)

    @staticmethod
    def open(url: str) -> Bucket:
        """Open an address; raises SettingsError if it is invalid."""
        return Bucket(url, open_store(url, "The drop zone"))

    def objects(self, contracts: Mapping[str, Contract]) -> dict[str, obstore.ObjectMeta]:
        """List the objects of the drop zone by name, including their declared folders.

        Raises MachineError if the server does not answer or refuses.
        """
        with self._server_faults("listed"):
            return {item["path"]: item for item in self._below(None, contracts)}

    def _below(
        self, folder: str | None, contracts: Mapping[str, Contract]
    ) -> Iterator[obstore.ObjectMeta]:
        found = obstore.list_with_delimiter(self.store, folder)
        yield from found["objects"]
        for prefix in found["common_prefixes"]:
            name = str(prefix).rstrip("/")
            # A part such as .. would leave the folder to which objects are fetched.
            is_safe = not set(name.split("/")) & {"", ".", ".."}
            if is_safe and is_declared_folder(name, contracts):
                yield from self._below(name, contracts)

    def fetch(
        self,
        contracts: Mapping[str, Contract],
        folder: Path,
        settle_seconds: Mapping[str, float],
        *,
        is_past: Callable[[str, int, datetime], bool],
        say: Callable[[str], None],
    ) -> None:
        """Download every complete delivery and manifest to an empty folder.

        `is_past` decides by name, size and time whether an object can be skipped. Other objects
        are only listed by name, so that the loader reports them.
        """
        empty_folder(folder)
        for name, found in self._settled(contracts, settle_seconds, is_past, say).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if read_name(name.removesuffix(MANIFEST_SUFFIX), contracts) is None:
                (folder / name).touch()
                continue
            say(f"Fetching {name} ({found['size'] / 1e6:,.1f} MB).")
            with self._server_faults(f"read at {name}"):
                self._fetched[name] = self._download(name, folder)

    def archive_or_reject(self, outcome: Outcome, name: str) -> Outcome:
        """Move a processed object to archive/ or rejected/, by extract date.

        `name` is the object's name with its folders. An object that changed since it was fetched
        stays for the next run.
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
        target = f"{place}/{outcome.file_name}"
        with self._server_faults(f"changed at {name}"):
            if is_refused:
                reason = "\n".join((f"{name} was refused: {outcome.sentence}", *outcome.details))
                obstore.put(self.store, f"{target}.reason.txt", reason.encode())
            manifest = name + MANIFEST_SUFFIX
            if manifest in self._fetched:
                self._move(manifest, target + MANIFEST_SUFFIX)
            is_moved = self._move(name, target)
        where = f"moved to {self.url}/{target}"
        stays = "left in the drop zone: it was rewritten, and the next run takes it"
        return replace(outcome, file_is=where if is_moved else stays)

    def _settled(
        self,
        contracts: Mapping[str, Contract],
        settle_seconds: Mapping[str, float],
        is_past: Callable[[str, int, datetime], bool],
        say: Callable[[str], None],
    ) -> dict[str, obstore.ObjectMeta]:
        """List the objects to fetch: those unchanged for the settle time of their feed."""
        before = self.objects(contracts)
        past = {
            name
            for name, item in before.items()
            if is_past(name, item["size"], item["last_modified"])
        }
        if past:
            say(f"Loaded before and unchanged: {counted(len(past), 'file')} of earlier weeks.")
        wanted = {
            name: item
            for name, item in before.items()
            if name.removesuffix(MANIFEST_SUFFIX) not in past
        }
        wait = max((_wait(item, contracts, settle_seconds) for item in wanted.values()), default=0)
        if wait <= 0:
            return wanted
        say(f"Waiting {wait:.1f} s to check that new files are complete.")
        time.sleep(wait)
        return {
            name: item
            for name, item in self.objects(contracts).items()
            # A manifest can arrive shortly after its file.
            if name.removesuffix(MANIFEST_SUFFIX) in wanted
            and item["e_tag"] == wanted.get(name, item)["e_tag"]
        }

    def _download(self, name: str, folder: Path) -> str | None:
        """Download an object, and return the tag of exactly the downloaded bytes."""
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

    def _server_faults(self, done: str) -> AbstractContextManager[None]:
        return server_faults(f"The drop zone {self.url}", done, "loaded files stay loaded")


def _wait(
    item: obstore.ObjectMeta,
    contracts: Mapping[str, Contract],
    settle_seconds: Mapping[str, float],
) -> float:
    """Return the seconds until an object has not changed for the settle time."""
    name = read_name(item["path"].removesuffix(MANIFEST_SUFFIX), contracts)
    if name is None:
        return 0.0
    age = (datetime.now(UTC) - item["last_modified"]).total_seconds()
    return settle_seconds[name.source] - max(0.0, age)


def _chunks(found: obstore.GetResult) -> Iterator[bytes]:
    for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
        yield bytes(chunk)
