"""The invented bank of bank/: three weekly deliveries of some 60 people, each for one case.

Each row of the files in bank/ names its case; `weeks` lists its deliveries. Deliveries omit these
two columns.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from scenarios.project import Project, Row, make_project, to_csv

HERE = Path(__file__).resolve().parent
# Mondays; the delivery of 19 January is missing, so that grace periods and terms can expire.
WEEKS = {1: date(2026, 1, 5), 2: date(2026, 1, 12), 3: date(2026, 1, 26)}
FEEDS = ("hr_headcount", "iam_app_registry", "persona_list", "persona_members")


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file; an empty cell is an empty text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def feed_rows(feed: str, week: int) -> list[Row]:
    """Return the rows of a feed's delivery of a week."""
    rows = []
    for row in read_rows(HERE / "bank" / f"{feed}.csv"):
        first, _, last = row["weeks"].partition("-")
        if int(first) <= week <= int(last or first):
            rows.append(row)
    return rows


def feed_text(rows: list[Row]) -> str:
    """Write the rows of a feed as its file."""
    return to_csv([column for column in rows[0] if column not in {"case", "weeks"}], rows)


def seeds() -> dict[str, list[Row]]:
    """Return the decisions of the bank by seed."""
    return {file.stem: read_rows(file) for file in (HERE / "bank" / "seeds").glob("*.csv")}


def deliver_week(project: Project, week: int) -> None:
    """Put the four files of a week into the drop zone."""
    for feed in FEEDS:
        project.deliver(feed, WEEKS[week], feed_text(feed_rows(feed, week)))


def make_bank(root: Path) -> Project:
    """Make the bank's project with its three deliveries in the drop zone."""
    project = make_project(root, seeds())
    for week in WEEKS:
        deliver_week(project, week)
    return project
