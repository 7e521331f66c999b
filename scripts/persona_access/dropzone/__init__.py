"""Where files arrive: a folder, which the loader reads itself, or a bucket, fetched to one."""

from persona_access.dropzone.places import listing, open_bucket

__all__ = ["listing", "open_bucket"]
