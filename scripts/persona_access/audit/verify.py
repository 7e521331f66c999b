"""Verify that the log and its recorded files are unmodified."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from persona_access.audit.chain import Chain, Entry
from persona_access.audit.record import (
    EVIDENCE,
    LOAD,
    PRUNE,
    PUBLISH,
    ledger_files,
    log_file,
)
from persona_access.audit.releases import missing_releases, release_folder
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import sha256_of, write_atomically
from persona_access.base.kept_files import kept_sha256
from persona_access.base.names import MANIFEST_SUFFIX
from persona_access.base.printable import counted
from persona_access.base.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """The result of a verification: counts, and a sentence for each fault."""

    n_entries: int
    head: str
    n_files: int
    faults: list[str] = field(default_factory=list)


def verify(settings: Settings, anchor: Path | None = None) -> Verdict:
    """Verify every entry and every file that an entry names.

    Raises PersonaAccessError if the chain is broken or lacks the anchored entry.
    """
    entries = _read(settings, anchor)
    expected: dict[str, tuple[str, Entry]] = {}
    for entry in entries:
        expected |= {path: (sha256, entry) for path, sha256 in entry.files.items()}
        for path in entry.what["gone"] if entry.action == PRUNE else ():
            expected.pop(path, None)
    for path, (sha256, entry) in list(expected.items()):
        manifest = settings.home / path
        is_manifest = entry.action == PUBLISH and manifest.name == "manifest.json"
        if is_manifest and manifest.is_file() and sha256_of(manifest) == sha256:
            expected |= _members(path, manifest, entry)
    faults, n_files = [], 0
    for path, (sha256, entry) in expected.items():
        file = settings.home / path
        if not file.is_file():
            # Old releases are deleted, and evidence packs are moved to auditors; deliveries are
            # kept.
            is_kept = (
                entry.action != PUBLISH or release_folder(file, entry.what["release"]).exists()
            )
            if entry.action != EVIDENCE and is_kept:
                faults.append(f"{path} is missing (entry {entry.sequence}, {entry.action}).")
            continue
        n_files += 1
        if sha256_of(file) != sha256:
            faults.append(f"{path} was changed since entry {entry.sequence}, {entry.action}.")
    faults += missing_releases(settings, entries)
    faults += _unknown_deliveries(settings, entries)
    kept = _kept_deliveries(settings)
    faults += _changed_deliveries(settings, kept, entries)
    n_files += len(kept)
    return Verdict(len(entries), entries[-1].hash if entries else "", n_files, faults)


def write_anchor(settings: Settings, to: Path) -> Entry:
    """Write the head of the log to a file; check an existing anchor first, and replace it.

    Only the chain is checked, so that a user who cannot read the files can write an anchor. Raises
    PersonaAccessError if there is no log or the chain is broken.
    """
    entries = _read(settings, to if to.exists() else None)
    if not entries:
        raise PersonaAccessError(
            f"There is no audit log at {log_file(settings)} yet: run a "
            "command that writes to it first."
        )
    head = entries[-1]
    write_atomically(to, _anchor(head.sequence, head.hash))
    return head


def _read(settings: Settings, anchor: Path | None) -> list[Entry]:
    entries = list(Chain(log_file(settings)).read())
    if anchor is None:
        return entries
    try:
        text = anchor.read_text("utf-8")
        number = int(json.loads(text)["n_entries"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PersonaAccessError(
            f"{anchor} is not an anchor of an audit log: name a file that `audit anchor` wrote."
        ) from error
    if not 0 < number <= len(entries):
        raise PersonaAccessError(
            f"The audit log has {counted(len(entries), 'entry', 'entries')}, but {anchor} names "
            f"{number}: its end was cut off, or the anchor was changed; restore the log from "
            "a backup."
        )
    if text != _anchor(number, entries[number - 1].hash):
        raise PersonaAccessError(
            f"Entry {number} of the audit log is not the one that {anchor} names: the log was "
            "rewritten, or the anchor was changed; restore the log from a backup."
        )
    return entries


def _anchor(n_entries: int, head: str) -> str:
    return json.dumps({"n_entries": n_entries, "head": head}) + "\n"


def _members(path: str, manifest: Path, entry: Entry) -> dict[str, tuple[str, Entry]]:
    """Return the files of a release with their hashes, from its verified manifest."""
    folder = path.removesuffix(manifest.name)
    said = json.loads(manifest.read_text("utf-8")).get("members", {})
    return {f"{folder}{name}": (member["sha256"], entry) for name, member in said.items()}


def _unknown_deliveries(settings: Settings, entries: list[Entry]) -> list[str]:
    known = {
        load_id for entry in entries if entry.action == LOAD for load_id in entry.what["deliveries"]
    }
    return [
        f"{file.relative_to(settings.home)} is in the ledger, but no load recorded it: if a "
        "load was interrupted, run `persona-access load`; otherwise find out who added it."
        for file in ledger_files(settings)
        if file.stem not in known
    ]


def _kept_deliveries(settings: Settings) -> list[Path]:
    """List the delivered files in archive/ and rejected/, without their .reason.txt files."""
    return [
        file
        for folder in (settings.archive, settings.rejected)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not file.name.endswith(".reason.txt")
        and MANIFEST_SUFFIX not in file.name
    ]


def _changed_deliveries(settings: Settings, kept: list[Path], entries: list[Entry]) -> list[str]:
    """Find kept files whose content was never loaded, and archived files that are missing."""
    loads = {
        load_id: said
        for entry in entries
        if entry.action == LOAD
        for load_id, said in entry.what["deliveries"].items()
    }
    seen = {said["file_sha256"] for said in loads.values()}
    faults, found = [], set()
    for file in kept:
        try:
            sha256 = kept_sha256(file)
        except PersonaAccessError as error:
            faults.append(str(error))
            continue
        found.add(sha256)
        if sha256 not in seen:
            faults.append(
                f"{file.relative_to(settings.home)} differs from every recorded load: it was "
                "changed, or somebody added it."
            )
    removed = {file.stem for file in ledger_files(settings) if _is_removed(file)}
    return faults + [
        f"The archived file of {load_id} is gone from {settings.archive.name}/."
        for load_id, said in loads.items()
        # Loads of earlier versions of this project do not record the place of their file.
        if said.get("is_archived") and load_id not in removed and said["file_sha256"] not in found
    ]


def _is_removed(ledger_record: Path) -> bool:
    """Return whether retention removed a load; an unreadable record counts as a fault."""
    try:
        return bool(json.loads(ledger_record.read_bytes())["load_status"] == "removed")
    except (ValueError, KeyError, TypeError):
        return False
