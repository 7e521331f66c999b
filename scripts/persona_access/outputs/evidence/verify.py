"""Check an evidence pack. Needs Python 3.9 or newer and nothing else.

    python verify.py PACK.zip      the pack as it was handed over
    python verify.py FOLDER        the pack unpacked; without an argument, the folder of this file

Finds any byte that was changed, added or taken away, and does the sums of the pack again. Whoever
can change the pack can change this file, too: compare the SHA-256 that it prints with the one that
was written down when the pack was made.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

SUMS = "SHA256SUMS"
_OLDEST = (1980, 1, 1, 0, 0, 0)


def sums(members: Mapping[str, bytes]) -> bytes:
    """Write the hashes of all members but the list itself, as `sha256sum -c` reads them."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(members.items())
        if name != SUMS
    ]
    return "".join(lines).encode()


def write_pack(members: Mapping[str, bytes], file: Path) -> None:
    """Write members to a zip in the one way that this program accepts: equal input, equal bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as pack:
        for name, content in sorted(members.items()):
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content)


def faults(members: Mapping[str, bytes]) -> list[str]:
    """List every fault of the members of a pack."""
    found = _wrong_hashes(members)
    if found:
        # Sums over other data would only repeat it.
        return found
    for row in _rows(members, "row_tie_out.csv"):
        if row["n_rows_in"] != row["n_rows_out"]:
            found.append(
                f"row_tie_out.csv: {row['law']} does not hold for {row['load_id']}: "
                f"{row['n_rows_in']} against {row['n_rows_out']}."
            )
    scope = json.loads(members["scope.json"])
    for name, n_rows in scope["n_rows"].items():
        counted = len(_rows(members, name))
        if counted != n_rows:
            found.append(f"{name}: has {counted} rows, but scope.json says {n_rows}.")
    n_pairs = sum(int(row["n_pairs"]) for row in _rows(members, "results.csv"))
    if n_pairs != scope["n_pairs"]:
        found.append(f"results.csv: adds up to {n_pairs}, but scope.json says {scope['n_pairs']}.")
    return found


def _wrong_hashes(members: Mapping[str, bytes]) -> list[str]:
    if SUMS not in members:
        return [f"{SUMS} is missing."]
    listed = {}
    for line in members[SUMS].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    found = [f"{name}: is missing." for name in sorted(set(listed) - set(members))]
    for name, content in sorted(members.items()):
        if name != SUMS and hashlib.sha256(content).hexdigest() != listed.get(name):
            found.append(f"{name}: {'was changed' if name in listed else 'does not belong here'}.")
    if not found and members[SUMS] != sums(members):
        found.append(f"{SUMS}: was changed.")
    return found


def _rows(members: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(members[name].decode("utf-8"), newline="")))


def _read_folder(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _read_pack(file: Path) -> tuple[dict[str, bytes], list[str]]:
    """Read a zip, and check that it contains nothing but its members."""
    try:
        with zipfile.ZipFile(file) as pack:
            members = {name: pack.read(name) for name in pack.namelist()}
    except Exception as error:  # noqa: BLE001 - a changed zip fails in any way
        return {}, [f"{file.name}: cannot be read as a zip ({error})."]
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again.zip"
        write_pack(members, again)
        if again.read_bytes() != file.read_bytes():
            return members, [f"{file.name}: the zip around the members was changed."]
    return members, []


def main(arguments: list[str]) -> int:
    """Check a pack, print the result, and return the exit code."""
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if not place.exists():
        print(f"There is no {place}.", file=sys.stderr)  # noqa: T201
        return 2
    if place.is_dir():
        members, found = _read_folder(place), list[str]()
    else:
        members, found = _read_pack(place)
    if members:
        found += faults(members)
    for fault in found:
        print(f"FAULT: {fault}")  # noqa: T201
    if found:
        print(f"{place.name}: this is not the pack that was made.")  # noqa: T201
        return 1
    whole = place.read_bytes() if place.is_file() else members[SUMS]
    name = place.name if place.is_file() else SUMS
    print(f"{len(members)} members are as they were made, and the sums add up.")  # noqa: T201
    print(f"SHA-256 of {name}: {hashlib.sha256(whole).hexdigest()}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
