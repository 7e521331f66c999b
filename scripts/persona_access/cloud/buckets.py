"""Files between buckets and folders. A URL is s3://bucket/prefix, az://..., or file:///folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from persona_access.errors import MachineError, SettingsError

_KINDS = ("s3", "az", "abfss", "file")
CURRENT = "current.json"


def open_bucket(variable: str, environ: Mapping[str, str]) -> ObjectStore:
    """Open the bucket whose URL a variable holds; credentials are those of the machine's role.

    Raises SettingsError without a URL, or for one that would send data unencrypted.
    """
    url = environ.get(variable, "").strip()
    kind = urlsplit(url).scheme
    if kind not in _KINDS:
        raise SettingsError(
            f"{variable} is '{url}': give a URL that begins with one of "
            f"{', '.join(f'{kind}://' for kind in _KINDS)}."
        )
    if kind == "s3":
        # A bucket with locked objects takes none without a checksum.
        return from_url(url, checksum_algorithm="SHA256", client_options={"allow_http": False})
    return from_url(url)


def fetch(store: ObjectStore, folder: Path, max_age: timedelta) -> list[str]:
    """Copy what arrived within `max_age` into the folder; returns the names.

    The bucket's objects stay: it keeps the originals, and the ledger knows what was loaded. Raises
    MachineError when the bucket cannot be read.
    """
    since = datetime.now(UTC) - max_age
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    try:
        for page in obstore.list(store):
            for found in page:
                name = found["path"]
                # A delivery lies at the top; a folder in a name could lead out of ours.
                if "/" in name or found["last_modified"] < since:
                    continue
                with (folder / name).open("wb") as file:
                    for chunk in obstore.get(store, name).stream():
                        file.write(chunk)
                names.append(name)
    except BaseError as error:
        raise _unreachable("read", error) from error
    return sorted(names)


def send_release(store: ObjectStore, release: Path, variant: str) -> int:
    """Copy a release to `<variant>/releases/<name>/`, then name it in `<variant>/current.json`.

    Readers follow that file, which is written last: they never see half a release. Returns the
    number of files. Raises MachineError when the bucket cannot be written.
    """
    files = [file for file in sorted(release.rglob("*")) if file.is_file()]
    base = f"{variant}/releases/{release.name}"
    for file in files:
        send(store, file, f"{base}/{file.relative_to(release).as_posix()}")
    pointer = f'{{"release": "{base}"}}\n'
    try:
        obstore.put(store, f"{variant}/{CURRENT}", pointer.encode())
    except BaseError as error:
        raise _unreachable("written", error) from error
    return len(files)


def send(store: ObjectStore, file: Path, name: str) -> None:
    """Copy one file to a bucket; raises MachineError when that fails."""
    try:
        obstore.put(store, name, file)
    except BaseError as error:
        raise _unreachable("written", error) from error


def _unreachable(what: str, error: BaseError) -> MachineError:
    return MachineError(
        f"The bucket cannot be {what} ({str(error).splitlines()[0]}): see that it exists and that "
        "this role may use it."
    )
