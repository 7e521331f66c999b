"""Summarise what to do about a person, in one sentence to copy."""

from __future__ import annotations

from persona_access.base.queries import Record


def verdict(found: Record) -> str:
    """Return what to remove and to grant, how late it is, and who reviews it.

    `found` is the result of `explain`, with week, access and findings.
    """
    held = sum(row["status"] != "missing" for row in found["access"])
    standing = [row for row in found["findings"] if row["state"] == "open"]
    to_act_on = [row for row in standing if row["disposition"] == "open"]
    others = _joined(
        _counted(len(standing) - len(to_act_on), "excused for now"),
        _counted(
            sum(row["status"] == "unassessed" for row in found["access"]), "cannot be classified"
        ),
    )
    besides = f" Besides: {others}." if others else ""
    if not to_act_on:
        things = "1 application is" if held == 1 else f"{held} applications are"
        return f"Nothing to act on: {things} held.{besides}"
    excess = [row for row in to_act_on if row["kind"] == "excess"]
    what = _joined(
        f"{len(excess)} of {held} to remove" if excess else "",
        _counted(len(to_act_on) - len(excess), "to grant"),
        _lateness(found, to_act_on),
    )
    reviewers = sorted({row["reviewer"] for row in to_act_on if row["reviewer"]})
    who = f"reviewer {', '.join(reviewers)}" if reviewers else "nobody to review it"
    return f"{what[0].upper()}{what[1:]}; {who}.{besides}"


def _lateness(found: Record, findings: list[Record]) -> str:
    late = [(found["week"] - row["due"]).days for row in findings if row["is_overdue"]]
    if not late:
        return ""
    days = f"{max(late)} days" if len(late) == 1 else f"up to {max(late)} days"
    if len(findings) == 1:
        return f"overdue {days}"
    every = "both" if len(findings) == 2 else "all"
    return f"{every if len(late) == len(findings) else len(late)} overdue {days}"


def _counted(number: int, words: str) -> str:
    return f"{number} {words}" if number else ""


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))
