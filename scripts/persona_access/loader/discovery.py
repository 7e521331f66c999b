"""List the drop zone: deliveries, their manifests, and files that are skipped."""

from __future__ import annotations

import datetime as dt
import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.name_patterns import is_folder_of
from persona_access.base.names import (
    MANIFEST_SUFFIX,
    SUFFIXES,
    examples,
    nearest,
    nearest_source,
    read_name,
    read_names,
)
from persona_access.base.open_files import Writing, writing
from persona_access.base.printable import printable

# Transfers write under these names until they are done; systems leave hidden files.
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", "~")
# A date before the first is a typing error; one far ahead would make every later week look old.
_FIRST_DATE = dt.date(2000, 1, 1)
_MAX_DAYS_AHEAD = 366
# The default of five seconds is a minute on a folder that other machines write to.
SHARED_FOLDER_FACTOR = 12


@dataclass(frozen=True)
class Delivery:
    """One file of a known feed. A date_fault says why the date in its name cannot be used."""

    path: Path
    feed: str
    source: str
    suffix: str
    ending: str
    date_text: str
    extract_date: dt.date | None
    date_fault: str | None
    manifest: Path | None
    fingerprint: tuple[int, ...]

    @property
    def name(self) -> str:
        """The file name as delivered."""
        return self.path.name

    @property
    def n_bytes(self) -> int:
        """The size of the file as delivered."""
        return self.fingerprint[1]

    def is_unchanged(self) -> bool:
        """Whether the file is still the one that was found."""
        return _fingerprint(self.path) == self.fingerprint


@dataclass(frozen=True)
class Skipped:
    """A file that is skipped; `is_fault` when a person must act."""

    name: str
    sentence: str
    is_fault: bool


def discover(
    drop_zone: Path,
    contracts: Mapping[str, Contract],
    settle_seconds: Mapping[str, float],
    *,
    say: Callable[[str], None],
) -> tuple[list[Delivery], list[Skipped]]:
    """List the deliveries by extract date, then feed; files that keep changing are skipped.

    Waits at most for the settle time of a feed, and only when a file is younger than that.
    Raises SettingsError when there is no such folder, MachineError when it cannot be read.
    """
    entries = _entries(drop_zone, contracts)
    deliveries: list[Delivery] = []
    left: list[Skipped] = []
    for path in entries:
        # With the name of its folder in the drop zone before it.
        name = path.relative_to(drop_zone).as_posix()
        fault = _not_a_file(path) or _of_two_sources(name, contracts)
        delivery = None if fault else _delivery(path, name, contracts)
        if delivery is not None:
            deliveries.append(delivery)
        elif fault is not None:
            left.append(fault)
        else:
            other = _not_a_delivery(path, contracts, entries)
            left.extend([other] if other else [])
    deliveries, twins = _without_twins(deliveries, contracts)
    deliveries, unsettled = _settled(deliveries, settle_seconds, say)
    deliveries.sort(key=lambda d: (d.extract_date or dt.date.min, d.source, d.name))
    return deliveries, [*left, *twins, *unsettled]


def _entries(drop_zone: Path, contracts: Mapping[str, Contract]) -> list[Path]:
    """List the drop zone; a folder that a pattern names is what it contains, at any depth."""
    if not drop_zone.exists():
        raise SettingsError(
            f"There is no drop zone at {drop_zone}: create the folder, or name another with "
            "--drop-zone or PERSONA_ACCESS_DROP_ZONE."
        )
    if not drop_zone.is_dir():
        raise SettingsError(f"The drop zone {drop_zone} is not a folder: name the folder.")
    try:
        return list(files_below(drop_zone, drop_zone, contracts))
    except OSError as error:
        raise MachineError(
            f"The drop zone {drop_zone} cannot be listed ({error.strerror}): give this user read "
            "permission on the folder."
        ) from error


def files_below(folder: Path, drop_zone: Path, contracts: Mapping[str, Contract]) -> Iterator[Path]:
    """List a folder of the drop zone, and then the folders in it that patterns name."""
    declared = []
    for path in sorted(folder.iterdir()):
        name = path.relative_to(drop_zone).as_posix()
        if path.is_dir() and not path.is_symlink() and is_declared_folder(name, contracts):
            declared.append(path)
        else:
            yield path
    for path in declared:
        yield from files_below(path, drop_zone, contracts)


def is_declared_folder(name: str, contracts: Mapping[str, Contract]) -> bool:
    """Whether the pattern of a source has files below a folder of the drop zone."""
    return any(is_folder_of(name, contract.file_pattern) for contract in contracts.values())


def _not_a_file(path: Path) -> Skipped | None:
    name = path.name
    if name.startswith(".") or name.startswith("~$") or name.endswith(_UNFINISHED):
        sentence = "a hidden or unfinished file: skipped until it has its final name."
        return Skipped(name, sentence, is_fault=False)
    if name.endswith(MANIFEST_SUFFIX):
        # Whatever it is, it belongs to its file, which is refused for it.
        return None
    if path.is_symlink():
        return Skipped(name, "a link: put the file itself into the drop zone.", is_fault=True)
    if path.is_dir():
        return Skipped(name, "a folder: put files directly into the drop zone.", is_fault=True)
    if not path.is_file():
        return Skipped(name, "not a regular file: remove it.", is_fault=True)
    return None


def _of_two_sources(name: str, contracts: Mapping[str, Contract]) -> Skipped | None:
    found = [reading.source for reading in read_names(name, contracts)]
    if len(found) < 2:
        return None
    sentence = (
        f"its name matches the patterns of {' and '.join(found)}: make files.pattern of their "
        "mappings differ, so that each file is of one source."
    )
    return Skipped(name, sentence, is_fault=True)


def _delivery(path: Path, file_name: str, contracts: Mapping[str, Contract]) -> Delivery | None:
    name = read_name(file_name, contracts)
    if name is None:
        return None
    extract_date, fault = read_date(name.date_text)
    return Delivery(
        path=path,
        feed=name.feed,
        source=name.source,
        suffix=name.suffix,
        ending=name.ending,
        date_text=name.date_text,
        extract_date=extract_date,
        date_fault=fault,
        manifest=None,
        fingerprint=_fingerprint(path),
    )


def read_date(text: str) -> tuple[dt.date | None, str | None]:
    """Return the extract date that a text names, or why it cannot be one."""
    if not text:
        return None, "The name has no date: load it with --extract-date YYYY-MM-DD."
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return (
            None,
            f"The name says {text}, which is not a date: name the file by its extract date.",
        )
    latest = latest_date()
    if not _FIRST_DATE <= date <= latest:
        return None, (
            f"The name says {text}, which is not between {_FIRST_DATE} and {latest}: "
            "name the file by its extract date, or set the clock of this machine."
        )
    return date, None


def latest_date() -> dt.date:
    """Return the last date that an extract can have, by the clock of this machine."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=_MAX_DAYS_AHEAD)


def _not_a_delivery(
    path: Path, contracts: Mapping[str, Contract], entries: list[Path]
) -> Skipped | None:
    name = path.name
    if name.endswith(MANIFEST_SUFFIX):
        file = path.with_name(name.removesuffix(MANIFEST_SUFFIX))
        if file in entries:
            return None
        sentence = f"a manifest without its file: deliver {printable(file.name)}."
        return Skipped(name, sentence, is_fault=True)
    near, source = nearest(name, contracts), nearest_source(name, contracts)
    is_ours = name.strip().lower().endswith(SUFFIXES)
    what_to_do = "name it so" if is_ours else "deliver it in that format and by that name"
    hint = (
        f"if it is {near}, {what_to_do}"
        if near
        else f"if it is of {source}, name it as files.pattern of feeds/{source}.yml says, "
        f"{contracts[source].file_pattern}, or correct that"
        if source
        else f"deliveries here are {examples(contracts)} with the ending {', '.join(SUFFIXES)}"
    )
    return Skipped(name, f"not a name of a delivery: {hint}.", is_fault=True)


def _without_twins(
    found: list[Delivery], contracts: Mapping[str, Contract]
) -> tuple[list[Delivery], list[Skipped]]:
    """Skip two files of one feed and date: either may be the correction."""
    groups: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    single = []
    for delivery in found:
        contract = contracts[delivery.source]
        if contract.accumulates:
            single.append(delivery)
        else:
            # Of a date that stands in the file nothing is known yet.
            date = delivery.name if contract.is_dated_within else delivery.date_text
            groups[delivery.source, date].append(delivery)
    single += [group[0] for group in groups.values() if len(group) == 1]
    twins = [
        Skipped(
            delivery.name,
            f"one of {len(group)} files for {delivery.source} of {delivery.date_text} "
            f"({', '.join(other.name for other in group)}): keep the right one.",
            is_fault=True,
        )
        for group in groups.values()
        if len(group) > 1
        for delivery in group
    ]
    return single, twins


def _settled(
    deliveries: list[Delivery], settle_seconds: Mapping[str, float], say: Callable[[str], None]
) -> tuple[list[Delivery], list[Skipped]]:
    """Separate complete files from unfinished ones, and attach manifests."""
    now = time.time()
    writers = {delivery.path: writing(delivery.path) for delivery in deliveries}
    wait = 0.0
    for delivery in deliveries:
        # Where the system does not tell who writes, a sender that pauses looks like one done.
        factor = 1 if writers[delivery.path] is not Writing.UNKNOWN else SHARED_FOLDER_FACTOR
        # A change time in the future (another machine's clock) counts as just changed.
        age = max(0.0, now - delivery.fingerprint[-1] / 1e9)
        if writers[delivery.path] is not Writing.YES:
            wait = max(wait, settle_seconds[delivery.source] * factor - age)
    if wait > 0:
        say(f"Waiting {wait:.1f} s to see that new files are complete.")
        time.sleep(wait)
    settled = [
        delivery
        for delivery in deliveries
        if delivery.is_unchanged() and writing(delivery.path) is not Writing.YES
    ]
    unsettled = [
        Skipped(
            delivery.name,
            "still being written: skipped; the next run takes it.",
            is_fault=False,
        )
        for delivery in deliveries
        if delivery not in settled
    ]
    # Looked for only now: a manifest may come a moment after its file.
    return [replace(found, manifest=_manifest(found.path)) for found in settled], unsettled


def _manifest(path: Path) -> Path | None:
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    # Also a link to nothing is one that was delivered.
    return manifest if os.path.lexists(manifest) else None


def _fingerprint(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written; empty when it is gone. Last: newest time, ns."""
    try:
        found = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return (0, 0, 0, 0)
    newest = max(found.st_mtime_ns, found.st_ctime_ns)
    return (found.st_ino, found.st_size, found.st_mtime_ns, newest)


def is_written_by_others_only(folder: Path) -> bool:
    """Whether files cannot or should not be moved out of a folder, as from a read-only share.

    The mode bits count besides the system's answer, which for an administrator is always yes.
    """
    no_write_bits = folder.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) == 0
    return no_write_bits or not os.access(folder, os.W_OK | os.X_OK)
