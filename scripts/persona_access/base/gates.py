"""Gates: checks that stop a week from being published until a person accepts it.

Each gate is a dbt test whose rows have a column `gate`, so a bare `dbt build` stops at it too.
Accepting a gate writes a file that the test reads: it applies to one week, in every later build of
that week.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.files import write_atomically
from persona_access.base.identity import user

FEED_LATE = "feed_late"
GATES = {
    FEED_LATE: "a required feed has no extract of the week",
    "feed_size": "a file is far smaller or larger than the previous file",
    "column_values": "most rows of a column have another value than in the previous file",
    "no_employees": "no usable row of a current employee",
    "unresolved_share": "too many people are without a usable persona",
    "unreadable_keys": "too many rows of a feed have no readable key",
    "leavers_spike": "far more people left than in earlier weeks",
    "excess_spike": "there is far more excess access than in earlier weeks",
    "missing_spike": "there is far more missing access than in earlier weeks",
    "unresolved_spike": "far more people are without a persona than in earlier weeks",
}
GATE_TESTS = {
    "assert_required_feeds_are_not_late",
    "assert_feeds_keep_their_size",
    "assert_columns_keep_their_values",
    "assert_values_keep_their_rows",
    "assert_week_can_be_classified",
    "assert_week_has_no_spike",
}
_ROW = re.compile(r"^assert_\w+: gate = (?P<gate>\w+), (?P<row>.*)$")

_EXAMPLES = re.compile(r", examples = .*$")


@dataclass(frozen=True)
class Acceptance:
    """A gate to lift, written GATE or GATE:WEEK; the default is the week that is due."""

    gate: str
    week: dt.date | None = None


def read_accepted(texts: Sequence[str], because: str | None) -> list[Acceptance]:
    """Read the gates to accept from the command line.

    Raises SettingsError for an unknown gate, an unreadable week or a missing reason.
    """
    if texts and not (because or "").strip():
        raise SettingsError(
            'Give the reason why the gate is lifted: --because "...". It is recorded.'
        )
    if because and not texts:
        raise SettingsError(
            "--because has no effect without --accept GATE: add --accept, or remove --because."
        )
    return [_read_acceptance(text) for text in texts]


def _read_acceptance(text: str) -> Acceptance:
    gate, _, week = text.partition(":")
    if gate not in GATES:
        raise SettingsError(f"There is no gate '{gate}'; there are: {', '.join(GATES)}.")
    try:
        return Acceptance(gate, dt.date.fromisoformat(week) if week else None)
    except ValueError as error:
        raise SettingsError(
            f"'{text}' does not contain a valid week: write {gate}:YYYY-MM-DD, or {gate} for "
            "the week that is due."
        ) from error


def accept(folder: Path, week: dt.date, gate: str, because: str) -> dict[str, str]:
    """Lift a gate for one week, and return the record: who, when and why."""
    record = {
        "as_of_date": week.isoformat(),
        "gate": gate,
        "because": because,
        "accepted_by": user(),
        "accepted_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    write_atomically(folder / f"{week}_{gate}.json", json.dumps(record, indent=2) + "\n")
    return record


def accepted_weeks(folder: Path, gate: str) -> list[dt.date]:
    """Return the weeks for which a gate was lifted."""
    names = (file.stem for file in folder.glob(f"*_{gate}.json"))
    return [dt.date.fromisoformat(name.removesuffix(f"_{gate}")) for name in names]


def stopped_gates(problems: Iterable[str]) -> dict[str, list[str]]:
    """Find the gates among the problems of a build, each with the text of its rows."""
    found = defaultdict(list)
    for problem in problems:
        match = _ROW.match(problem)
        if match and match["gate"] in GATES:
            # The run record and its messages must not name people.
            found[match["gate"]].append(_EXAMPLES.sub("", match["row"]))
    return dict(found)


def gates_alone(problems: Sequence[str]) -> dict[str, list[str]]:
    """Find the gates that stopped a build; return none if anything else failed, too."""
    names = {problem.partition(":")[0] for problem in problems}
    failed = {name for name in names if name.isidentifier()}
    return stopped_gates(problems) if failed <= GATE_TESTS else {}


def how_to_accept(gates: Iterable[str], week: str, due: dt.date | None = None) -> str:
    """Explain how to correct or lift these gates for a week, with `build` or `run`."""
    command = f"run --due {due}" if due else "build"
    gates = list(gates)
    options = " ".join(f"--accept {gate}:{week}" for gate in gates)
    rules = (
        "write the rules, overrides or members that are missing, or "
        if set(gates) & {"unresolved_share", "unresolved_spike"}
        else ""
    )
    return (
        f"To correct it: {rules}put a correct file with the same name and date into the drop zone, "
        f"then persona-access {command if due else 'load && persona-access build'}. If it is right "
        f'all the same: persona-access {command} {options} --because "...".'
    )
