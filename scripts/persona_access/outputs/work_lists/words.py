"""Describe each finding for its reviewer, with the possible actions."""

from __future__ import annotations

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
    "reassigned": "Handed on to you",
    "delegate": "You stand in",
    "nobody": "Nobody to ask",
}

# One paragraph for each note.
_NOTES = """
Not listed: what a waiver covers, what movers may keep for some days, and what IAM still has time to
grant.

Excess is access that is held and should not be; missing is access that the persona needs and that
is not held.

Sorted by risk: critical is privileged access of somebody who left, has not started, is unknown to
HR or must not hold it; high is the same access without privileges, or other privileged excess;
medium is other excess; low is missing access. Within a risk: overdue first, then findings with one
cause together, then the earliest due date, then what the fewest peers hold.

Peers are the other people in the named persona. Of several personas, it is the one with the
largest share of holders or, for missing access, one that asks for the application.

To answer, choose a decision in the yellow cells and put this file back into the drop zone, under
its own name: revoke has the access removed; keep needs a reason and a last day; wrong persona needs
the ID of the right one; not mine needs the BRID of the right reviewer. The last line signs the
whole list. Lines without a decision stay open.

A finding closes when a later extract shows that it is gone, whatever the answer was.
"""
NOTES = [" ".join(note.split()) for note in _NOTES.split("\n\n")]

# Above the notes of a delegate's list.
STANDS_IN = (
    "You answer for {who} {days}. Each line has a code for you: do not change Decided by. Items "
    "about yourself are only on the list of {who}."
)

LISTED_AS = {"new": "New", "overdue": "Now overdue", "again": "Look again", "": "Still open"}

# Shown above each table; the notes explain it in detail.
INSTRUCTION = (
    "Fill in the yellow cells, save, and put this file back into the drop zone under its own name."
)
# For a workbook that does not have the whole list.
MORE_LINES = (
    " These are the {:,} most urgent of {:,} lines. All of them are in {}.html, which decides many "
    "lines at once, and in the CSV file of that name; sign the list there."
)
# The possible answers by kind of item.
DECISIONS = {
    "excess": ["revoke", "keep", "wrong persona", "not mine"],
    "missing": ["keep", "wrong persona", "not mine"],
    "certification": ["keep", "revoke", "not mine"],
    "attestation": ["attest"],
}
# Offered, not required: any other reason can be written.
WHY_KEPT = [
    "Covers for a colleague",
    "Project work until the last day given",
    "Needed for the present role",
    "Removal is under way",
]
ATTESTATION = "I have reviewed every line of this list to the best of my knowledge."

STATES = {
    "superseded": "the access became expected",
    "removal_requested": "removal is requested",
    "still_held": "still held past the days allowed",
    "removed": "removed",
    "returned": "came back after it was removed",
    "exception_in_force": "may be kept",
    "exception_expired": "the last day is over",
    "exception_contradicted": "against policy, or revoked by somebody else",
    "awaiting_approval": "waits for another signature",
    "confirmed": "confirmed",
    "persona_disputed": "the persona is disputed",
    "reassigned": "handed on",
}

# Why an answer does not count, for the reviewer: what is wrong, and what to do.
REJECTIONS = {
    "bad_code": "its code is not that of this line of your list, or the file was sorted without "
    "its last columns; answer this list, and tell security if it was not you",
    "code_not_checked": "its code could not be checked; answer this list",
    "older_than_its_list": "its file has a date before its list; save it under its own name",
    "not_on_the_list": "it was not on that list",
    "self_review": "nobody decides about their own access",
    "not_the_reviewer": "the person who decided is neither the reviewer nor a delegate",
    "decider_has_left": "the person who decided no longer worked here",
    "contradicts_itself": "the file has two answers for this line; choose one",
    "contradicts_another_file": "two files of one day have different answers for this line; "
    "choose one",
    "nothing_to_revoke": "it is not held; leave it, or have it granted",
    "reason_missing": "write why it is kept",
    "end_missing": "give a last day",
    "end_in_the_past": "the last day has passed; give a later one",
    "persona_unknown": "there is no such persona; write the ID of the right one",
    "new_reviewer_unusable": "the person you named cannot review it; name another, or decide",
    "handed_on_too_often": "it was handed on too often; decide it",
}


def by_topic() -> list[tuple[str, str, str]]:
    """List topic, value and text of everything that the lines look up."""
    topics = {
        "reason": REASONS,
        "orphan": ORPHANS,
        "action": ACTIONS,
        "role": ROLES,
        "listed": LISTED_AS,
        "state": STATES,
        "rejection": REJECTIONS,
    }
    return [
        (topic, value, text) for topic, texts in topics.items() for value, text in texts.items()
    ]


SILENT_ACTION = "Bring it back into the registry, or have it retired in retired_applications.csv"


def duty_action(violation: Record) -> str:
    """Describe what the owner of a rule of duties can do about a violation of the rule."""
    if violation["violation_state"] == "mitigated":
        return "Renew the control before it ends, or have a side removed."
    if violation["is_by_design"]:
        return "Have the personas changed, or a control approved in sod_mitigations.csv."
    return "Have a side removed, or a control approved in sod_mitigations.csv."
