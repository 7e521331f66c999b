"""Findings worked out once more, week by week from the statuses, without the project's SQL."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from scenarios.project import Project


class Episode(NamedTuple):
    """One finding from opening to closing, as `fct_access_findings` should have it."""

    brid: str
    application_id: str
    finding_type: str
    finding_state: str
    opened_date: date
    last_seen_date: date
    closed_date: date | None
    n_times_reopened: int


def episodes_expected(project: Project) -> set[Episode]:
    """Follow every pair through the weeks; the files show which applications a week reports."""
    weeks = [
        row["week"]
        for row in project.query(
            "select distinct as_of_date as week from marts.fct_access_reconciliation order by 1"
        )
    ]
    seen: dict[date, set[tuple[str, str, str]]] = {week: set() for week in weeks}
    paired: dict[date, set[tuple[str, str]]] = {week: set() for week in weeks}
    for row in project.query(
        "select as_of_date, brid, application_id, reconciliation_status "
        "from marts.fct_access_reconciliation"
    ):
        pair = (row["brid"], row["application_id"])
        paired[row["as_of_date"]].add(pair)
        if row["reconciliation_status"] in ("missing", "excess"):
            seen[row["as_of_date"]].add((*pair, row["reconciliation_status"]))
    reported: dict[date, set[str]] = {week: set() for week in weeks}
    for row in project.query(
        "select distinct extract_date, lower(trim(application_id)) as application_id "
        "from raw.iam_app_registry"
    ):
        reported[row["extract_date"]].add(row["application_id"])

    running: dict[tuple[str, str, str], Episode] = {}
    n_closed: dict[tuple[str, str, str], int] = {}
    finished: set[Episode] = set()
    for week in weeks:
        for key in seen[week]:
            known = running.get(key)
            running[key] = (
                known._replace(finding_state="open", last_seen_date=week)
                if known
                else Episode(*key, "open", week, week, None, n_closed.get(key, 0))
            )
        for key in set(running) - seen[week]:
            brid, application_id, finding_type = key
            is_silent = (
                finding_type == "excess"
                and (brid, application_id) not in paired[week]
                and application_id not in reported[week]
            )
            if is_silent:
                running[key] = running[key]._replace(finding_state="suspended")
            else:
                finished.add(running.pop(key)._replace(finding_state="closed", closed_date=week))
                n_closed[key] = n_closed.get(key, 0) + 1
    return finished | set(running.values())


def episodes_published(project: Project) -> set[Episode]:
    """Read the mart."""
    rows = project.query(f"select {', '.join(Episode._fields)} from marts.fct_access_findings")
    published = {Episode(**row) for row in rows}
    assert len(published) == len(rows), "a finding stands twice"
    return published
