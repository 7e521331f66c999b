"""Estimate how often a source delivers, from the names of its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from persona_access.base.name_patterns import date_of_name, match_name
from persona_access.base.printable import counted
from persona_access.loader.onboarding.proposal import NOT_DELIVERED, Proposal, Question

# A few days more than the period, as the next file can be late.
A_MONTH, A_QUARTER, A_YEAR = 35, 100, 375


def days_of_names(proposals: Sequence[Proposal]) -> dict[str, dt.date]:
    """Return the extract date of each file whose name has an unambiguous date."""
    days = {}
    for proposal in proposals:
        if any(question.place == ("files", "pattern") for question in proposal.questions):
            continue
        files = proposal.document["files"]
        found = match_name(proposal.file.name, files["pattern"])
        day = date_of_name(found, files.get("date", {}).get("day")) if found else None
        if day is not None:
            days[proposal.file.name] = day
    return days


def declare_periods(
    proposals: Sequence[Proposal],
    given: Mapping[str, int],
    *,
    max_age_days: int,
    today: dt.date,
    is_asking: bool,
) -> None:
    """Declare for how long weeks use the files of a source, if it differs from `max_age_days`.

    `given` are days by feed from a person; the key '' stands for every feed. A name with only a
    month means a monthly file. Its date is the month's first day if the last day is later than the
    other files, or than today. If a file is far older than the others, a question asks how often
    it is delivered.
    """
    dated = [each for each in proposals if not _is_monthly(each.document["files"]["pattern"])]
    latest = max(days_of_names(dated).values(), default=today)
    for proposal in proposals:
        pattern = proposal.document["files"]["pattern"]
        said = given.get(proposal.feed, given.get(""))
        if said is not None:
            _declare(proposal, said, "as given")
        elif _is_monthly(pattern):
            _declare(proposal, A_MONTH, "the name has a month and no day, so the file is monthly")
        day = days_of_names([proposal]).get(proposal.file.name)
        if _is_monthly(pattern) and day is not None and day > latest >= day.replace(day=1):
            # The month had not ended when the file arrived, so its last day cannot be the date.
            proposal.document["files"]["date"] = {"day": "first"}
    days = days_of_names(proposals) if is_asking else {}
    newest = max(days.values(), default=today)
    for proposal in proposals:
        day = days.get(proposal.file.name, newest)
        if (newest - day).days > (proposal.document.get("max_age_days") or max_age_days):
            proposal.questions.append(
                Question(
                    f"{proposal.file.name} is of {day}, {counted((newest - day).days, 'day')} "
                    "older than the newest of these files, and weeks use a file for "
                    f"{counted(max_age_days, 'day')}: how often is it delivered?",
                    ("max_age_days",),
                    {
                        "every week": NOT_DELIVERED,
                        "every month": A_MONTH,
                        "every quarter": A_QUARTER,
                        "every year": A_YEAR,
                    },
                )
            )


def _is_monthly(pattern: str) -> bool:
    has_month = any(code in pattern for code in ("%m", "%b", "%B"))
    return has_month and not any(code in pattern for code in ("%d", "%j", "%V"))


def _declare(proposal: Proposal, days: int, reason: str) -> None:
    proposal.document["max_age_days"] = days
    proposal.max_age_reason = reason
