"""Create the message about a run, without rows of data or texts of errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from persona_access.base.gates import GATES, how_to_accept
from persona_access.weeks.run_record import GOOD, RunRecord

Severity = Literal["info", "warning", "failure"]


@dataclass(frozen=True)
class Message:
    """The text of a message. Messages with the same key are equal."""

    key: str
    severity: Severity
    title: str
    body: str


def message_of(record: RunRecord, runbook: str) -> Message | None:
    """Return the message about a run; None if no message is needed."""
    week = record.as_of_date or record.due_date
    if record.result in ("built", "nothing_new") and not record.n_refused:
        return None
    if record.result == "stopped":
        severity, title, lines, topic = _stopped(record, week)
    elif record.result in GOOD:
        severity, title, lines, topic = _published(record, week)
    else:
        severity = "failure"
        title = f"Persona Access: the run for {week} failed at the step {record.step}"
        lines = [
            "Readers keep the previous release.",
            *(f"Failed test: {test}" for test in record.failed_tests),
            (
                "Next: check the run record and the log, fix the cause, and run "
                "`persona-access run` again; it continues where it stopped."
            ),
        ]
        topic = "run-failed"
    body = "\n".join([*lines, f"Run: {record.run_id}", f"Runbook: {runbook}#{topic}"])
    said = (record.result, week, *record.gates, *record.failed_tests, record.release or "")
    return Message("_".join(said), severity, title, body)


def _stopped(record: RunRecord, week: str) -> tuple[Severity, str, list[str], str]:
    stopped = record.weeks[-1]["as_of_date"] if record.weeks else week
    lines = ["Nothing was published; readers keep the previous release."]
    for gate, sentences in record.gates.items():
        lines.append(f"{gate}: {GATES[gate]}.")
        lines += [f"  {sentence}" for sentence in sentences]
    lines.append("Next: ask the sender for a correct file and run `persona-access run` again.")
    if record.as_of_date:
        lines.append(how_to_accept(record.gates, stopped, date.fromisoformat(record.due_date)))
    gates = ", ".join(record.gates)
    topic = next(iter(record.gates), "run-failed").replace("_", "-")
    return "failure", f"Persona Access: the week {stopped} is stopped by {gates}", lines, topic


def _published(record: RunRecord, week: str) -> tuple[Severity, str, list[str], str]:
    refused = [file for file in record.files if file["outcome"] == "refused"]
    lines = [f"Refused: {file['feed']} of {file['extract_date']}." for file in refused]
    lines += [f"Late: {feed}; its previous extract is used." for feed in record.late_feeds]
    lines += [
        f"Accepted: {lifted['gate']} of {lifted['as_of_date']}." for lifted in record.accepted
    ]
    lines += record.new_causes
    severity: Severity = "warning" if lines else "info"
    if refused:
        lines.append(
            "Next: ask the sender for a correct file; rejected/ contains the file and the reason."
        )
    verb = f"is published as {record.release}" if record.release else "is loaded"
    return severity, f"Persona Access: the week {week} {verb}", lines, "after-a-published-week"
