"""The audit log: who did what and when, in a chain of hashes that reveals every later change."""

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
