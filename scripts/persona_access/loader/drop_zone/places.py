"""The drop zones of the settings, folders or buckets, and their contents."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from persona_access.base.contracts import Contract
from persona_access.base.errors import SettingsError
from persona_access.base.settings import DropZone, Settings
from persona_access.loader.discovery import files_below

if TYPE_CHECKING:
    from persona_access.loader.drop_zone.bucket import Bucket


def zones(
    settings: Settings, contracts: Mapping[str, Contract]
) -> dict[DropZone, dict[str, Contract]]:
    """Return the sources of each drop zone: one of its own, that of its feed, or the main one.

    Raises SettingsError for the drop zone of a source or feed that does not exist.
    """
    own = settings.zones_of_feeds
    known = {*contracts, *(contract.feed for contract in contracts.values())}
    if unknown := [name for name in own if name not in known]:
        raise SettingsError(
            f"PERSONA_ACCESS_DROP_ZONE_{unknown[0].upper()} names no feed and no source; there "
            f"are {', '.join(sorted(known))}."
        )
    found: dict[DropZone, dict[str, Contract]] = defaultdict(dict)
    for source, contract in contracts.items():
        zone = own.get(source) or own.get(contract.feed) or settings.main_zone
        found[zone][source] = contract
    return dict(found)


def open_bucket(zone: DropZone) -> Bucket | None:
    """Open the bucket that is a drop zone; None where it is a folder.

    Raises SettingsError when the address cannot be used or the library is not installed.
    """
    if zone.url is None:
        return None
    try:
        from persona_access.loader.drop_zone.bucket import Bucket
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"A drop zone at {zone} needs packages that are not installed ({error.name}): run "
            "`uv sync --extra operations`, or pip install 'persona-access[operations]'."
        ) from error
    return Bucket.open(zone.url)


def listing(zone: DropZone, contracts: Mapping[str, Contract]) -> set[tuple[object, ...]]:
    """Describe each thing in a drop zone, for comparing: what is new or changed differs."""
    bucket = open_bucket(zone)
    if bucket is not None:
        return {
            (name, item["size"], item["e_tag"], item["last_modified"])
            for name, item in bucket.objects(contracts).items()
        }
    if not zone.folder.is_dir():
        return set()
    below = files_below(zone.folder, zone.folder, contracts)
    found = ((str(file), file.lstat()) for file in below)
    return {(name, stat.st_size, stat.st_mtime_ns) for name, stat in found}


def nap(places: Iterable[DropZone], seconds: float) -> None:
    """Sleep, but wake up when something changes in a folder.

    Only this machine's own changes wake it up; what other hosts write to a share, or what comes to
    a bucket, is seen after the sleep.
    """
    folders = [zone.folder for zone in places if zone.url is None and zone.folder.is_dir()]
    try:
        from watchfiles import watch
    except ModuleNotFoundError:
        folders = []
    if not folders:
        time.sleep(seconds)
        return
    next(
        watch(
            *folders,
            watch_filter=None,
            rust_timeout=round(seconds * 1000),
            yield_on_timeout=True,
            # Files may arrive in folders that a source names.
            recursive=True,
        )
    )
