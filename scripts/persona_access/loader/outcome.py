"""The outcome of each file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Outcome:
    """The outcome of one file. Row counts exclude the header; sizes are in bytes.

    `is_fault` means that a person must act, `details` are further sentences, `notes` describe
    values that were read differently than written, and `file_is` describes the place of the file.
    """

    file_name: str
    outcome: Literal["loaded", "unchanged", "refused", "skipped"]
    sentence: str
    is_fault: bool = False
    details: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    feed: str | None = None
    extract_date: str | None = None
    version: int | None = None
    load_id: str | None = None
    is_restatement: bool = False
    n_rows_read: int | None = None
    n_rows_loaded: int = 0
    n_rows_quarantined: int = 0
    n_values_quarantined: int = 0
    n_bytes: int = 0
    file_is: str | None = None
