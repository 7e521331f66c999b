"""Fixtures: invented people with fixed BRIDs, one case for each, and the expected findings.

A person of the fixtures keeps the same BRID at every size and seed number, so that the decisions in
seeds/ can name them. Weeks count from 0; a span of weeks is (first, last), both included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from persona_access.demo import bank

Span = tuple[int, int]
Row = dict[str, str | int | None]
Kind = Literal["pair", "quarantine", "absent", "fact"]

END = 999
ALWAYS: Span = (0, END)


def since(week: int) -> Span:
    """Return the span from this week to the end."""
    return week, END


def until(week: int) -> Span:
    """Return the span from the start to this week."""
    return 0, week


@dataclass(frozen=True)
class BrokenLine:
    """A literal line of a feed's files."""

    feed: str
    line: str
    span: Span


@dataclass
class Fixtures:
    """The rows that the cases add to the files, and the expected results.

    Rows are spans: first_week, last_week, then the columns of the feed. A broken line is written
    unchanged, and the loader must quarantine it.
    """

    first_day: date
    hr: list[Row] = field(default_factory=list)
    grants: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    truth: list[Row] = field(default_factory=list)
    broken_lines: list[BrokenLine] = field(default_factory=list)

    def day(self, week: int, offset: int = 0) -> str:
        """Return the ISO date of a week's extract, so many days later (or earlier)."""
        return (self.first_day + timedelta(days=7 * week + offset)).isoformat()

    def actor(self, case_name: str, brid: str, explanation: str) -> Actor:
        """Add the person of a case."""
        return Actor(self, case_name, brid, explanation)

    def broken(self, feed: str, line: str, span: Span) -> None:
        """Add a literal line to the files of a feed."""
        self.broken_lines.append(BrokenLine(feed, line, span))


@dataclass(frozen=True)
class Actor:
    """One person of one case: HR rows, grants and expected results."""

    fixtures: Fixtures
    case_name: str
    brid: str
    explanation: str

    def works(
        self,
        cost_center: str | None,
        level: str | None,
        span: Span = ALWAYS,
        *,
        status: str = "active",
        worker_type: str = "employee",
        hired: str | None = None,
        ended: str | None = None,
        written_as: str | None = None,
        manager: str | None = bank.HEAD_BRID,
        title: str | None = None,
    ) -> Actor:
        """Add a headcount row; `hired` defaults to a day long before the first week."""
        name, department = bank.COST_CENTERS.get(cost_center or "", ("Demo cases", "Demo cases"))[
            :2
        ]
        self.fixtures.hr.append(
            {
                "first_week": span[0],
                "last_week": span[1],
                "brid": written_as or self.brid,
                "full_name": f"Invented Person {self.brid}",
                "work_email": f"person.{self.brid}@example.invalid".lower(),
                "employment_status": status,
                "worker_type": worker_type,
                "management_level": level,
                "cost_center": cost_center,
                "cost_center_name": name,
                "department": department,
                "job_title": title or f"Demo case {self.case_name.replace('_', ' ')}",
                "manager_brid": manager if self.brid != bank.HEAD_BRID else None,
                "location": bank.LOCATIONS[0],
                "hire_date": hired or self.fixtures.day(0, -900),
                "termination_date": ended,
            }
        )
        return self

    def holds(
        self,
        applications: Iterable[str],
        span: Span = ALWAYS,
        *,
        account: str = "u",
        account_status: str = "active",
        entitlement: str = "user",
        granted: str | None = None,
        expires: str | None = None,
        written_as: str | None = None,
        is_named: bool = True,
    ) -> Actor:
        """Add a grant on each application; `granted` defaults to a day long before week 0."""
        self.fixtures.grants.extend(
            {
                "first_week": span[0],
                "last_week": span[1],
                "application_id": application_id,
                "application_name": bank.display_name(application_id) if is_named else None,
                "brid": written_as or self.brid,
                "account_id": f"{account}-{self.brid}".lower(),
                "account_status": account_status,
                "entitlement": entitlement,
                "is_privileged": str(entitlement == "admin").lower(),
                "granted_date": granted or self.fixtures.day(0, -800),
                "expires_date": expires,
                "last_used_date": None,
                "application_owner_brid": bank.HEAD_BRID,
            }
            for application_id in applications
        )
        return self

    def listed(self, *persona_ids: str, span: Span = ALWAYS) -> Actor:
        """Name the person in the persona list's membership file."""
        self.fixtures.members.extend(
            {
                "first_week": span[0],
                "last_week": span[1],
                "brid": self.brid,
                "persona_id": persona_id,
                "valid_from": self.fixtures.day(0, -300),
                "valid_to": None,
            }
            for persona_id in persona_ids
        )
        return self

    def shows(
        self,
        applications: Iterable[str],
        status: str,
        reason: str,
        disposition: str | None = None,
        *,
        span: Span = ALWAYS,
        orphan_detail: str | None = None,
    ) -> Actor:
        """Expect one row of the reconciliation fact for each application and week."""
        for application_id in applications:
            self._state(
                "pair",
                span,
                application_id=application_id,
                status=status,
                reason=reason,
                orphan_detail=orphan_detail,
                disposition=disposition,
            )
        return self

    def quarantined(
        self, reason: str, span: Span = ALWAYS, *, application: str | None = None
    ) -> Actor:
        """Expect that the loader or the models quarantine a row of this person."""
        self._state("quarantine", span, application_id=application, reason=reason)
        return self

    def absent(self, span: Span = ALWAYS) -> Actor:
        """Expect no row about this person in the reconciliation fact."""
        self._state("absent", span)
        return self

    def fact(self, fact: str, span: Span = ALWAYS, *, application: str | None = None) -> Actor:
        """Expect something about the person, persona or rule that is not a row of the fact."""
        self._state("fact", span, fact=fact, application_id=application)
        return self

    def _state(self, kind: Kind, span: Span, **values: str | None) -> None:
        self.fixtures.truth.append(
            {
                "first_week": span[0],
                "last_week": span[1],
                "case_name": self.case_name,
                "kind": kind,
                "brid": self.brid,
                "explanation": self.explanation,
                **values,
            }
        )
