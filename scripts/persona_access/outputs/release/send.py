"""What leaves by buckets: releases, and the head of the audit log."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import obstore

from persona_access.audit.verify import write_anchor
from persona_access.base.buckets import open_store, server_faults
from persona_access.base.settings import Settings

CURRENT = "current.json"
_STAYS = "what was done stays done"


def send_release(url: str, release: Path, variant: str) -> int:
    """Copy a release to `<variant>/releases/<name>/`, then name it in `<variant>/current.json`.

    Readers follow that file, which is written last: they never see half a release. Returns the
    number of files. Raises MachineError when the bucket cannot be written.
    """
    store = open_store(url, "The bucket of releases")
    files = [file for file in sorted(release.rglob("*")) if file.is_file()]
    base = f"{variant}/releases/{release.name}"
    with server_faults(f"The bucket of releases {url}", "written", _STAYS):
        for file in files:
            obstore.put(store, f"{base}/{file.relative_to(release).as_posix()}", file)
    send_pointer(url, release.name, variant)
    return len(files)


def send_pointer(url: str, name: str, variant: str) -> None:
    """Let readers of a variant follow to a release that was sent.

    Raises MachineError when the bucket cannot be written.
    """
    store = open_store(url, "The bucket of releases")
    pointer = f'{{"release": "{variant}/releases/{name}"}}\n'
    with server_faults(f"The bucket of releases {url}", "written", _STAYS):
        obstore.put(store, f"{variant}/{CURRENT}", pointer.encode())


def send_anchor(url: str, settings: Settings) -> None:
    """Put the head of the audit log where nobody can change it.

    Raises MachineError when the bucket cannot be written, and as `write_anchor` does.
    """
    store = open_store(url, "The bucket of anchors")
    with TemporaryDirectory() as folder:
        anchor = Path(folder) / "anchor.json"
        head = write_anchor(settings, anchor)
        with server_faults(f"The bucket of anchors {url}", "written", _STAYS):
            obstore.put(store, f"{head.sequence:08d}_{head.hash}.json", anchor)
