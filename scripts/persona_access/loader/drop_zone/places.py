"""Find the drop zones of the settings, folders or buckets, and list their contents."""

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
    """Return the sources of each drop zone: a source's own, its feed's, or the main one.

    Raises SettingsError for the drop zone of a source or feed that does not exist.
    """
    own = settings.zones_of_feeds
    known = {*contracts, *(contract.feed for contract in contracts.values())}
    if unknown := [name for name in own if name not in known]:
        raise SettingsError(
            f"PERSONA_ACCESS_DROP_ZONE_{unknown[0].upper()} is not for a known feed or source; "
            f"there are {', '.join(sorted(known))}."
        )
    found: dict[DropZone, dict[str, Contract]] = defaultdict(dict)
    for source, contract in contracts.items():
        zone = own.get(source) or own.get(contract.feed) or settings.main_zone
        found[zone][source] = contract
    return dict(found)


def open_bucket(zone: DropZone) -> Bucket | None:
    """Open a drop zone that is a bucket; return None for a folder.

    Raises SettingsError if the address is invalid or the library is not installed.
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
    """Describe each object in a drop zone, to find new and changed ones by comparison."""
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
    """Sleep until a time passes or something changes in a folder.

    Only changes by this machine end the sleep; changes of other hosts on a share, or in a bucket,
    are found afterwards.
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
            # Files can arrive in folders that a source names.
            recursive=True,
        )
    )
