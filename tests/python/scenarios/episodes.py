"""Compute findings a second time, week by week from the statuses, without the project's SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from scenarios.project import Project, Row

Pair = tuple[str, str]
Key = tuple[str, str, str]

# The days allowed, as dbt_project.yml has them; a mover's grace counts from the day of the move.
DAYS_ALLOWED = {
    "missing": 7,
    "former_persona": 14,
    "leaver": 1,
    "early_access": 1,
    "prohibited_for_persona": 3,
    "orphan_account": 7,
    "requirement_withdrawn": 30,
    "never_expected": 30,
}


class Episode(NamedTuple):
    """One finding from opening to closing, as expected in `fct_access_findings`."""

    brid: str
    application_id: str
    finding_type: str
    finding_state: str
    suspended_reason: str | None
    n_suspended_days: int
    opened_date: date
    last_seen_date: date
    closed_date: date | None
    due_date: date
    is_older_than_history: bool
    n_times_reopened: int


@dataclass
class Week:
    """The statuses and the files of one week."""

    as_of_date: date
    pairs: dict[Pair, Row] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    reported_before: set[str] = field(default_factory=set)

    def is_silent(self, application_id: str) -> bool:
        """Return whether the registry had the application earlier, but not in this week."""
        return application_id in self.reported_before - self.reported

    def seen(self) -> dict[Key, Row]:
        """Return the findings of the statuses, without those that a silent application causes."""
        return {
            (brid, application_id, row["reconciliation_status"]): row
            for (brid, application_id), row in self.pairs.items()
            if row["reconciliation_status"] == "excess"
            or (row["reconciliation_status"] == "missing" and not self.is_silent(application_id))
        }

    def why_not_over(self, key: Key) -> str | None:
        """Return why an unseen finding is suspended; None if it is closed."""
        brid, application_id, finding_type = key
        pair = self.pairs.get((brid, application_id))
        is_granted = pair is not None and pair["is_granted"]
        if pair and pair["reconciliation_status"] == "unassessed":
            reason = str(pair["reconciliation_reason"])
            if reason != "non_human_registered" and not (finding_type == "missing" and is_granted):
                return reason
        if finding_type == "excess":
            is_evident = is_granted or application_id in self.reported
            return None if is_evident else "application_silent"
        if is_granted:
            return None
        if pair and self.is_silent(application_id):
            return "application_silent"
        return self.unresolved.get(brid)

    def due_by_reason(self, finding_type: str, row: Row) -> date:
        """Count the days allowed from this week, or from the day of the move."""
        if finding_type == "missing":
            return self.as_of_date + timedelta(DAYS_ALLOWED["missing"])
        days = timedelta(DAYS_ALLOWED[row["reconciliation_reason"]])
        if row["reconciliation_reason"] == "former_persona":
            moved: date = row["moved_date"]
            return max(moved + days, self.as_of_date)
        return self.as_of_date + days


def read_weeks(project: Project) -> list[Week]:
    """Read the weeks in order; the files tell which applications a week reports."""
    weeks: dict[date, Week] = {}
    for row in project.query(
        "select as_of_date, brid, application_id, reconciliation_status, reconciliation_reason, "
        "is_granted, is_expected, last_expected_date, moved_date "
        "from marts.fct_access_reconciliation order by as_of_date"
    ):
        week = weeks.setdefault(row["as_of_date"], Week(row["as_of_date"]))
        week.pairs[row["brid"], row["application_id"]] = row
    for row in project.query(
        "select as_of_date, brid, unresolved_reason from intermediate.int_employee_persona_sets "
        "where unresolved_reason is not null"
    ):
        weeks[row["as_of_date"]].unresolved[row["brid"]] = row["unresolved_reason"]
    for row in project.query(
        "select extract_date, brid from raw.quarantined_rows "
        "where feed = 'hr_headcount' and brid is not null"
    ):
        if row["extract_date"] in weeks:
            week = weeks[row["extract_date"]]
            week.unresolved.setdefault(row["brid"], "hr_row_quarantined")
    for row in project.query(
        "select distinct extract_date, lower(trim(application_id)) as application_id "
        "from raw.iam_app_registry where application_id is not null"
    ):
        for as_of_date, week in weeks.items():
            if row["extract_date"] == as_of_date:
                week.reported.add(row["application_id"])
            elif row["extract_date"] < as_of_date:
                week.reported_before.add(row["application_id"])
    return list(weeks.values())


def episodes_expected(project: Project) -> set[Episode]:
    """Follow every pair through the weeks of a history whose persona feeds are undamaged."""
    weeks = read_weeks(project)
    running: dict[Key, Episode] = {}
    n_closed: dict[Key, int] = {}
    finished: set[Episode] = set()
    previous: date | None = None
    for week in weeks:
        now = week.as_of_date
        seen = week.seen()
        for key, row in seen.items():
            due = week.due_by_reason(key[2], row)
            known = running.get(key)
            running[key] = (
                known._replace(
                    finding_state="open",
                    suspended_reason=None,
                    last_seen_date=now,
                    due_date=min(known.due_date, due),
                )
                if known
                else Episode(
                    *key,
                    "open",
                    None,
                    0,
                    now,
                    now,
                    None,
                    due,
                    previous is None,
                    n_closed.get(key, 0),
                )
            )
        for key in running.keys() - seen.keys():
            why = week.why_not_over(key)
            known = running[key]
            if why is None:
                del running[key]
                finished.add(
                    known._replace(finding_state="closed", suspended_reason=None, closed_date=now)
                )
                n_closed[key] = n_closed.get(key, 0) + 1
            else:
                assert previous is not None
                still = now - previous
                running[key] = known._replace(
                    finding_state="suspended",
                    suspended_reason=why,
                    n_suspended_days=known.n_suspended_days + still.days,
                    due_date=known.due_date + still,
                )
        previous = now
    return finished | set(running.values())


def episodes_published(project: Project) -> set[Episode]:
    """Read the mart."""
    rows = project.query(f"select {', '.join(Episode._fields)} from marts.fct_access_findings")
    published = {Episode(**row) for row in rows}
    assert len(published) == len(rows), "a finding is listed twice"
    return published


def last_expected(weeks: list[Week]) -> Mapping[tuple[date, str, str], date]:
    """Find, for each held but unexpected pair of a week, the last week in which it was expected."""
    latest: dict[Pair, date] = {}
    found: dict[tuple[date, str, str], date] = {}
    for week in weeks:
        for pair, row in week.pairs.items():
            if not row["is_expected"] and pair in latest:
                found[week.as_of_date, *pair] = latest[pair]
        for pair, row in week.pairs.items():
            if row["is_expected"]:
                latest[pair] = week.as_of_date
    return found
