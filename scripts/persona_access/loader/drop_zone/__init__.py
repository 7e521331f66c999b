"""Where files arrive: folders, which the loader reads itself, or buckets, fetched to one."""

from persona_access.loader.drop_zone.places import listing, nap, open_bucket, zones

__all__ = ["listing", "nap", "open_bucket", "zones"]
