"""The audit log: who did what when, in a chain of hashes that shows every later change."""

from persona_access.audit.record import (
    check_log,
    last_served,
    record,
    record_build,
    record_evidence,
    record_found_builds,
    record_load,
    record_prune,
    record_release,
)

__all__ = [
    "check_log",
    "last_served",
    "record",
    "record_build",
    "record_evidence",
    "record_found_builds",
    "record_load",
    "record_prune",
    "record_release",
]
