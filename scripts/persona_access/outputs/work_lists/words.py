"""Describe each finding for its reviewer, with the possible actions."""

from __future__ import annotations

from datetime import date, timedelta

from persona_access.base.queries import Record

# Every reason that a finding can have.
REASONS = {
    "leaver": "No longer works here, but still holds it.",
    "early_access": "Has not started yet, but holds it already.",
    "orphan_account": "HR does not know who this is.",
    "prohibited_for_persona": "The persona must not hold it.",
    "former_persona": "A former persona needed it, and the days of grace are over.",
    "requirement_withdrawn": "The persona needed it until the persona list dropped it.",
    "never_expected": "No persona of this person needs it.",
    "never_granted": "The persona needs it, but it was never granted.",
    "lost_since_last_week": "The persona needs it; it was held last week and is gone now.",
}

ORPHANS = {
    "left_hr_file": "HR listed this person before, and no longer does.",
    "non_human_unregistered": "A technical account that nobody has registered.",
    "never_seen": "HR has never listed this person.",
}

# What to do about it, by reason.
ACTIONS = {
    "leaver": "Have it removed now.",
    "early_access": "Have it removed until the first day of work.",
    "orphan_account": "Have it removed, or registered if it is a technical account.",
    "prohibited_for_persona": "Have it removed.",
    "former_persona": "Have it removed, or ask for a waiver.",
    "requirement_withdrawn": "Have it removed, or have the persona corrected.",
    "never_expected": "Have it removed, or ask for a waiver or another persona.",
    "never_granted": "Have it granted, or have the persona corrected.",
    "lost_since_last_week": "Have it granted again, or have the persona corrected.",
}

ROLES = {
    "manager": "Your team",
    "second_manager": "Team of a manager who left",
    "application_owner": "Your application",
    "nobody": "Nobody to ask",
}

# One paragraph a note.
_NOTES = """
Not listed: what a waiver covers, what movers may keep for some days, and what IAM still has time to
grant.

Excess is access that is held and should not be; missing is access that the persona needs and that
is not held.

Sorted by risk: critical is privileged access of somebody who left, has not started, is unknown to
HR or must not hold it; high is the same without privileges, or other privileged excess; medium is
other excess; low is missing access. Within a risk: overdue first, then the earliest due date, then
what the fewest peers hold.

Peers are the other people in the persona named; of several personas the one in which the largest
share holds it, or for missing access one that asks for it.

A finding closes by itself when the next extract shows it gone: this file need not be sent back.
"""
NOTES = [" ".join(note.split()) for note in _NOTES.split("\n\n")]

LISTED_AS = {"new": "New", "overdue": "Now overdue"}


def reason(item: Record) -> str:
    """Explain why the pair is a finding."""
    sentence = ORPHANS.get(item["orphan_detail"] or "") or REASONS[item["reconciliation_reason"]]
    if item["reconciliation_reason"] == "leaver" and item["days_since_end"] is not None:
        sentence = f"Left {_count(item['days_since_end'], 'day')} ago, but still holds it."
        if item["last_used_date"] and item["last_used_date"] > _end(item):
            sentence += " It was used since."
    if item["n_times_waiver_ended"]:
        sentence += " A waiver has ended."
    if item["n_times_reopened"]:
        sentence += f" It came back ({_count(item['n_times_reopened'], 'earlier finding')})."
    return sentence


def peers(item: Record) -> str | None:
    """Write how many others in the persona hold it; None for people without peers."""
    if not item["n_peers"]:
        return None
    return (
        f"{item['n_peer_holders']} of {item['n_peers']} others in {item['peer_persona_id']} hold it"
    )


def _end(item: Record) -> date:
    """Return the last day of somebody who left."""
    end: date = item["as_of_date"] - timedelta(days=item["days_since_end"])
    return end


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


SILENT_ACTION = "Bring it back into the registry, or have it retired in retired_applications.csv"
