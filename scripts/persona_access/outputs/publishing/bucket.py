"""Releases in a bucket: `<variant>/releases/<name>/`; `current.json` names the current one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import obstore

from persona_access.base.buckets import open_store, server_faults
from persona_access.base.printable import counted
from persona_access.base.report import Reporter
from persona_access.outputs.release.release import Releases

CURRENT = "current.json"
_STAYS = "finished steps stay finished"
_WHAT = "The bucket of releases"


@dataclass(frozen=True)
class Bucket:
    """The bucket at an address.

    Raises SettingsError for an invalid address.
    """

    url: str
    name: str = "the bucket"

    def __post_init__(self) -> None:
        open_store(self.url, _WHAT)

    def send(self, releases: Releases, report: Reporter, *, is_masked: bool) -> None:
        """Send the current release to the bucket; files that it has are not sent again.

        Raises MachineError if the bucket cannot be written.
        """
        release = releases.current.resolve()
        variant = "masked" if is_masked else "full"
        if release.name in releases.sent_to(self.url):
            _send_pointer(self.url, release.name, variant)
            report.say(f"{variant}: the bucket has {release.name}, which is current there now.")
            return
        n_files = send_release(self.url, release, variant)
        releases.note_sent(self.url)
        report.say(f"{variant}: {counted(n_files, 'file')} of {release.name} sent.")


def send_release(url: str, release: Path, variant: str) -> int:
    """Copy a release to `<variant>/releases/<name>/`, then name it in `<variant>/current.json`.

    Readers follow that file, which is written last, so they never see half a release. Returns the
    number of files. Raises MachineError if the bucket cannot be written.
    """
    store = open_store(url, _WHAT)
    files = [file for file in sorted(release.rglob("*")) if file.is_file()]
    base = f"{variant}/releases/{release.name}"
    with server_faults(f"{_WHAT} {url}", "written", _STAYS):
        for file in files:
            obstore.put(store, f"{base}/{file.relative_to(release).as_posix()}", file)
    _send_pointer(url, release.name, variant)
    return len(files)


def _send_pointer(url: str, name: str, variant: str) -> None:
    store = open_store(url, _WHAT)
    pointer = f'{{"release": "{variant}/releases/{name}"}}\n'
    with server_faults(f"{_WHAT} {url}", "written", _STAYS):
        obstore.put(store, f"{variant}/{CURRENT}", pointer.encode())
