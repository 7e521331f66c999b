"""Move the dates of the committed decisions to other weeks."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from persona_access.base.errors import SettingsError

# The committed decisions are for weeks from this Monday on.
DEFAULT_FIRST_WEEK = date(2026, 9, 28)

_DATED_COLUMNS = ("valid_from", "valid_to", "due_date", "approved_on")


def shift_seeds(source: Path, target: Path, days: int) -> list[Path]:
    """Copy the seed files from source to target with all dates of decisions moved by `days`.

    Raises SettingsError if the target is the source, or the source has no seeds.
    """
    if source.resolve() == target.resolve():
        raise SettingsError(f"{target} contains the original decisions: name another folder.")
    files = sorted(source.glob("*.csv"))
    if not files:
        raise SettingsError(
            f"No decisions (CSV files) in {source}: name the project's seeds folder."
        )
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [_shifted(row, days) for row in reader]
            header = reader.fieldnames or []
        with (target / file.name).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return [target / file.name for file in files]


def _shifted(row: dict[str, str], days: int) -> dict[str, str]:
    return {
        column: (
            (date.fromisoformat(value) + timedelta(days=days)).isoformat()
            if value and column in _DATED_COLUMNS
            else value
        )
        for column, value in row.items()
    }
