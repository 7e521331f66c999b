"""Write anchors of the audit log to a bucket where users of this machine cannot change them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from persona_access.audit.record import log_file
from persona_access.audit.verify import write_anchor
from persona_access.base.errors import PersonaAccessError
from persona_access.base.extras import extra
from persona_access.base.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@contextmanager
def anchored(settings: Settings) -> Iterator[None]:
    """Send the head of the audit log to PERSONA_ACCESS_ANCHOR_URL after the block, if it is set.

    This includes a failed block. Raises SettingsError before the block for an invalid address, and
    MachineError after it if the bucket cannot be written.
    """
    url = settings.anchor_url
    if url is None:
        yield
        return
    store = _open(url)
    try:
        yield
    except PersonaAccessError:
        # The first error matters to the reader, not a second one.
        with suppress(PersonaAccessError):
            _send(store, url, settings)
        raise
    _send(store, url, settings)


def _open(url: str) -> ObjectStore:
    with extra("operations", "The bucket of anchors"):
        from persona_access.base.buckets import open_store
    return open_store(url, "The bucket of anchors")


def _send(store: ObjectStore, url: str, settings: Settings) -> None:
    import obstore

    from persona_access.base.buckets import server_faults

    if not log_file(settings).is_file():
        return
    with TemporaryDirectory() as folder:
        anchor = Path(folder) / "anchor.json"
        head = write_anchor(settings, anchor)
        with server_faults(
            f"The bucket of anchors {url}", "written", "the command itself is finished"
        ):
            obstore.put(store, f"{head.sequence:08d}_{head.hash}.json", anchor)
