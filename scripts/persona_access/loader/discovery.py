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

# Transfers use these names until they are complete; systems leave hidden files.
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", "~")
# A date before the first is a typing error; a date far ahead would make every later week look old.
_FIRST_DATE = dt.date(2000, 1, 1)
_MAX_DAYS_AHEAD = 366
# On a folder that other machines write to, the default of five seconds becomes a minute.
SHARED_FOLDER_FACTOR = 12


@dataclass(frozen=True)
class Delivery:
    """One file of a known feed. `date_fault` says why the date in its name cannot be used."""

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
        """Return whether the file is unchanged since it was found."""
        return _fingerprint(self.path) == self.fingerprint


@dataclass(frozen=True)
class Skipped:
    """A skipped file; `is_fault` if a person must act."""

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

    Waits at most for the settle time of a feed, and only if a file is newer than that. Raises
    SettingsError if the folder does not exist, and MachineError if it cannot be read.
    """
    entries = _entries(drop_zone, contracts)
    deliveries: list[Delivery] = []
    left: list[Skipped] = []
    for path in entries:
        # The name includes the folder within the drop zone.
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
    """List the drop zone; for a folder that a pattern names, list its contents at any depth."""
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
    """Return whether the pattern of a source matches files below a folder of the drop zone."""
    return any(is_folder_of(name, contract.file_pattern) for contract in contracts.values())


def _not_a_file(path: Path) -> Skipped | None:
    name = path.name
    if name.startswith(".") or name.startswith("~$") or name.endswith(_UNFINISHED):
        sentence = "a hidden or unfinished file: skipped until it has its final name."
        return Skipped(name, sentence, is_fault=False)
    if name.endswith(MANIFEST_SUFFIX):
        # Even if it is invalid, it belongs to its file, which is then refused.
        return None
    if path.is_symlink():
        return Skipped(name, "a link: put the file itself into the drop zone.", is_fault=True)
    if path.is_dir():
        return Skipped(name, "a folder: put files directly into the drop zone.", is_fault=True)
    if not path.is_file():
        return Skipped(name, "not a regular file: remove it.", is_fault=True)
    found = path.stat()
    if found.st_nlink > 1 and found.st_uid == os.geteuid():
        # Somebody else can give a file of this user, such as a key, a name in the drop zone.
        sentence = "a second name of a file elsewhere: put a copy into the drop zone."
        return Skipped(name, sentence, is_fault=True)
    return None


def _of_two_sources(name: str, contracts: Mapping[str, Contract]) -> Skipped | None:
    found = [reading.source for reading in read_names(name, contracts)]
    if len(found) < 2:
        return None
    sentence = (
        f"its name matches the patterns of {' and '.join(found)}: change files.pattern of "
        "their mappings, so that each file belongs to one source."
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
    """Return the extract date in a text, or the reason why it is not valid."""
    if not text:
        return None, "The name has no date: load it with --extract-date YYYY-MM-DD."
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return (
            None,
            f"The name contains {text}, which is not a date: name the file by its extract date.",
        )
    latest = latest_date()
    if not _FIRST_DATE <= date <= latest:
        return None, (
            f"The name contains {text}, which is not between {_FIRST_DATE} and {latest}: name "
            "the file by its extract date, or correct the clock of this machine."
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
        else f"if it belongs to {source}, give it a name that matches files.pattern of "
        f"feeds/{source}.yml, {contracts[source].file_pattern}, or correct that pattern"
        if source
        else f"deliveries here are {examples(contracts)} with the ending {', '.join(SUFFIXES)}"
    )
    return Skipped(name, f"not a valid name of a delivery: {hint}.", is_fault=True)


def _without_twins(
    found: list[Delivery], contracts: Mapping[str, Contract]
) -> tuple[list[Delivery], list[Skipped]]:
    """Skip two files of one feed and date: either can be the correction."""
    groups: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    single = []
    for delivery in found:
        contract = contracts[delivery.source]
        if contract.accumulates:
            single.append(delivery)
        else:
            # A date inside the file is not known yet.
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
        # If the system does not show open files, a sender that pauses looks finished.
        factor = 1 if writers[delivery.path] is not Writing.UNKNOWN else SHARED_FOLDER_FACTOR
        # A change time in the future (another machine's clock) counts as just changed.
        age = max(0.0, now - delivery.fingerprint[-1] / 1e9)
        if writers[delivery.path] is not Writing.YES:
            wait = max(wait, settle_seconds[delivery.source] * factor - age)
    if wait > 0:
        say(f"Waiting {wait:.1f} s to check that new files are complete.")
        time.sleep(wait)
    settled = [
        delivery
        for delivery in deliveries
        if delivery.is_unchanged() and writing(delivery.path) is not Writing.YES
    ]
    unsettled = [
        Skipped(
            delivery.name,
            "still being written: skipped; the next run loads it.",
            is_fault=False,
        )
        for delivery in deliveries
        if delivery not in settled
    ]
    # Checked only now: a manifest can arrive shortly after its file.
    return [replace(found, manifest=_manifest(found.path)) for found in settled], unsettled


def _manifest(path: Path) -> Path | None:
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    # A broken link also counts as a delivered file.
    return manifest if os.path.lexists(manifest) else None


def _fingerprint(path: Path) -> tuple[int, ...]:
    """Return values that change when a file is written; the last is its newest time in ns."""
    try:
        found = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return (0, 0, 0, 0)
    newest = max(found.st_mtime_ns, found.st_ctime_ns)
    return (found.st_ino, found.st_size, found.st_mtime_ns, newest)


def is_written_by_others_only(folder: Path) -> bool:
    """Return whether files must stay in a folder, such as a read-only share.

    The mode bits are checked, too: for an administrator, the system always grants access.
    """
    no_write_bits = folder.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) == 0
    return no_write_bits or not os.access(folder, os.W_OK | os.X_OK)
