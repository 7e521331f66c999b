"""Check an evidence pack. Needs Python 3.9 or newer and nothing else.

    python verify.py PACK.zip      the pack as you received it
    python verify.py FOLDER        the pack unpacked; without an argument, the folder of this file
    python verify.py PACK.zip --key PUBLIC_KEY      also the signature beside it, PACK.zip.sig

Finds any byte that was changed, added or removed, and computes the sums of the pack again. A
person who can change the pack can change this file, too: use a trusted copy of this file and the
public key that the sender gave you before, or compare the printed SHA-256 with the one that was
recorded when the pack was made.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

SUMS = "SHA256SUMS"
_OLDEST = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")


def sums(members: Mapping[str, bytes]) -> bytes:
    """Write the hashes of all members except the list itself, in the format of `sha256sum -c`."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(members.items())
        if name != SUMS
    ]
    return "".join(lines).encode()


def write_pack(members: Mapping[str, bytes], file: Path) -> None:
    """Write members to a zip in the only form that this program accepts: same input, same bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as pack:
        for name, content in sorted(members.items()):
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content)


def faults(members: Mapping[str, bytes]) -> list[str]:
    """List every fault of the members of a pack."""
    # If the data changed, wrong sums would only repeat that fault.
    found = _wrong_hashes(members)
    if found:
        return found
    try:
        return _wrong_sums(members)
    except KeyError as error:
        return [f"{error.args[0]}: is missing, and every pack has it."]
    except (csv.Error, AttributeError, RecursionError, TypeError, ValueError) as error:
        return [f"the pack has other content than every pack has ({error})."]


def _wrong_sums(members: Mapping[str, bytes]) -> list[str]:
    found = []
    for row in _rows(members, "row_tie_out.csv"):
        if row["n_rows_in"] != row["n_rows_out"]:
            found.append(
                f"row_tie_out.csv: {row['law']} does not hold for {row['load_id']}: "
                f"{row['n_rows_in']} against {row['n_rows_out']}."
            )
    for row in _rows(members, "checks.csv"):
        if row["n_faults"] != "0":
            found.append(
                f"checks.csv: {row['n_faults']} of {row['n_examined']} violate this check: "
                f"{row['check_name']}."
            )
    scope = json.loads(members["scope.json"])
    for name, n_rows in scope["n_rows"].items():
        counted = len(_rows(members, name))
        if counted != n_rows:
            found.append(f"{name}: the number of rows is {counted}, but scope.json says {n_rows}.")
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
    found += [
        f"{name}: is not a name of a file in a pack."
        for name in sorted(members)
        if not _NAME.fullmatch(name)
    ]
    for name, content in sorted(members.items()):
        if name != SUMS and hashlib.sha256(content).hexdigest() != listed.get(name):
            found.append(f"{name}: {'was changed' if name in listed else 'does not belong here'}.")
    if not found and members[SUMS] != sums(members):
        found.append(f"{SUMS}: was changed.")
    return found


def _rows(members: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(members[name].decode("utf-8"), newline="")))


def _read_folder(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Read a folder, and check that it contains nothing but files."""
    members, found = dict[str, bytes](), list[str]()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            found.append(f"{name}: is a link or a device, not a file of a pack.")
        elif path.is_file():
            members[name] = path.read_bytes()
    return members, found


def _read_pack(file: Path) -> tuple[dict[str, bytes], list[str]]:
    """Read a zip, and check that it contains nothing but its members."""
    changed = f"{file.name}: the zip file was changed outside its members."
    try:
        with zipfile.ZipFile(file) as pack:
            stored = pack.infolist()
            # A pack is not compressed, so its members are never larger than the file.
            if (
                any(entry.compress_type != zipfile.ZIP_STORED for entry in stored)
                or sum(entry.file_size for entry in stored) > file.stat().st_size
            ):
                return {}, [changed]
            members = {entry.filename: pack.read(entry) for entry in stored}
    except Exception as error:  # noqa: BLE001 - a changed zip fails in any way
        return {}, [f"{file.name}: cannot be read as a zip ({error})."]
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again.zip"
        write_pack(members, again)
        if again.read_bytes() != file.read_bytes():
            return members, [changed]
    return members, []


# Ed25519 as in RFC 8032, to check a signature with only Python.
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(factor: int, point: _Point) -> _Point:
    product = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            product = _add(product, point)
        point = _add(point, point)
        factor >>= 1
    return product


def _x_of(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _point(text: bytes) -> _Point | None:
    number = int.from_bytes(text, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % _P)


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def is_signed(content: bytes, signature: bytes, public_key: bytes) -> bool:
    """Return whether an Ed25519 signature of these bytes is valid for a public key."""
    if len(signature) != 64 or len(public_key) != 32:
        return False
    point, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or commitment is None or scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + content).digest()
    left = _times(scalar, _BASE)
    right = _add(commitment, _times(int.from_bytes(digest, "little") % _ORDER, point))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0


def _signature_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sig")


def _signature_fault(file: Path, key: str) -> str | None:
    signature = _signature_of(file)
    if file.is_dir():
        return "A signature is that of the zip: give PACK.zip with --key, not the unpacked folder."
    if not signature.is_file():
        return f"{signature.name} is not beside the pack: ask the sender for it."
    try:
        public_key = base64.b64decode(key, validate=True)
    except ValueError:
        public_key = b""
    if len(public_key) != 32:
        return "The key cannot be read: it has 44 characters, as the sender's command printed it."
    try:
        signed = base64.b64decode(signature.read_text("ascii"), validate=False)
    except (OSError, ValueError):
        return f"{signature.name} cannot be read as a signature."
    if is_signed(file.read_bytes(), signed, public_key):
        return None
    return f"{signature.name}: the signature is not valid for that key."


def _shown(text: str) -> str:
    """Escape what a terminal would obey: a name could otherwise write its own verdict."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def main(arguments: list[str]) -> int:
    """Check a pack, print the result, and return the exit code."""
    key = None
    if "--key" in arguments:
        at = arguments.index("--key")
        key = (arguments[at + 1 : at + 2] or [""])[0]
        arguments = arguments[:at] + arguments[at + 2 :]
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if not place.exists():
        print(f"There is no {place}.", file=sys.stderr)  # noqa: T201
        return 2
    members, found = (_read_folder if place.is_dir() else _read_pack)(place)
    if members or not found:
        found += faults(members)
    unsigned = _signature_fault(place, key) if key is not None else None
    for fault in [*found, unsigned]:
        if fault:
            print(f"FAULT: {_shown(fault)}")  # noqa: T201
    if found:
        print(f"{place.name}: this pack was changed after it was made.")  # noqa: T201
    elif unsigned:
        print(f"{place.name}: nothing shows that the owner of the key made it.")  # noqa: T201
    if found or unsigned:
        return 1
    whole = place.read_bytes() if place.is_file() else members[SUMS]
    name = place.name if place.is_file() else SUMS
    print(f"{len(members)} members are unchanged, and the sums add up.")  # noqa: T201
    if key is not None:
        print("The signature is valid for the key.")  # noqa: T201
    elif _signature_of(place).is_file():
        print("The signature was not checked: add --key with the sender's public key.")  # noqa: T201
    print(f"SHA-256 of {name}: {hashlib.sha256(whole).hexdigest()}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
