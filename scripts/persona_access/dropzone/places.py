"""The drop zone that the settings name, whichever kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persona_access.errors import SettingsError
from persona_access.settings import Settings

if TYPE_CHECKING:
    from persona_access.dropzone.bucket import Bucket


def open_bucket(settings: Settings) -> Bucket | None:
    """Open the bucket that is the drop zone; None where the drop zone is a folder.

    Raises SettingsError when the address cannot be used or the library is not installed.
    """
    if settings.drop_zone_url is None:
        return None
    try:
        from persona_access.dropzone.bucket import Bucket
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"A drop zone at {settings.drop_zone_url} needs packages that are not installed "
            f"({error.name}): run `uv sync --extra operations`, or "
            "pip install 'persona-access[operations]'."
        ) from error
    return Bucket.open(settings.drop_zone_url)


def listing(settings: Settings) -> set[tuple[object, ...]]:
    """Describe each thing in the drop zone, for comparing: what is new or changed is told anew."""
    bucket = open_bucket(settings)
    if bucket is not None:
        return {(o["path"], o["size"], o["e_tag"], o["last_modified"]) for o in bucket.objects()}
    if not settings.drop_zone.is_dir():
        return set()
    found = ((file.name, file.lstat()) for file in settings.drop_zone.iterdir())
    return {(name, stat.st_size, stat.st_mtime_ns) for name, stat in found}
