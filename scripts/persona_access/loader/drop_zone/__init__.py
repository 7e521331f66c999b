"""Drop zones: folders, which the loader reads directly, or buckets, which it copies to a folder."""

from persona_access.loader.drop_zone.places import listing, nap, open_bucket, zones

__all__ = ["listing", "nap", "open_bucket", "zones"]
