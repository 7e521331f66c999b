"""Gates: checks that stop publishing a week, and how a person lifts one.

Each gate is a dbt test whose rows say `gate`, so `dbt build` alone stops at it too. Accepting one
writes a file that the test reads: it holds for one week, in every later build of that week.
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
    "feed_size": "a file is far smaller or larger than the one before",
    "column_values": "most rows of a column say something else than in the file before",
    "no_employees": "no usable row of anybody who works here",
    "unresolved_share": "too many people are without a usable persona",
    "unreadable_keys": "too many rows of a feed have no readable key",
    "leavers_spike": "far more people left than in the weeks before",
    "excess_spike": "there is far more excess access than in the weeks before",
    "missing_spike": "there is far more missing access than in the weeks before",
    "unresolved_spike": "far more people are without a persona than in the weeks before",
}
GATE_TESTS = {
    "assert_required_feeds_are_not_late",
    "assert_feeds_keep_their_size",
    "assert_columns_keep_their_values",
    "assert_week_can_be_classified",
    "assert_week_has_no_spike",
}
_ROW = re.compile(r"^assert_\w+: gate = (?P<gate>\w+), (?P<row>.*)$")

_EXAMPLES = re.compile(r", examples = .*$")


@dataclass(frozen=True)
class Acceptance:
    """A gate to lift, written GATE or GATE:WEEK; without a week it is for the week that is due."""

    gate: str
    week: dt.date | None = None


def read_accepted(texts: Sequence[str], because: str | None) -> list[Acceptance]:
    """Read the gates to accept from the command line.

    Raises SettingsError for an unknown gate, an unreadable week or a missing reason.
    """
    if texts and not (because or "").strip():
        raise SettingsError('Say why the gate is lifted: --because "...". It is kept on record.')
    if because and not texts:
        raise SettingsError("--because goes with --accept GATE; nothing is accepted here.")
    return [_read_acceptance(text) for text in texts]


def _read_acceptance(text: str) -> Acceptance:
    gate, _, week = text.partition(":")
    if gate not in GATES:
        raise SettingsError(f"There is no gate '{gate}'; there are: {', '.join(GATES)}.")
    try:
        return Acceptance(gate, dt.date.fromisoformat(week) if week else None)
    except ValueError as error:
        raise SettingsError(
            f"'{text}' names no week: write {gate}:YYYY-MM-DD, or {gate} for the week that is due."
        ) from error


def accept(folder: Path, week: dt.date, gate: str, because: str) -> dict[str, str]:
    """Lift a gate for one week; returns the record: who, when and why."""
    record = {
        "as_of_date": week.isoformat(),
        "gate": gate,
        "because": because,
        "accepted_by": user(),
        "accepted_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{week}_{gate}.json", json.dumps(record, indent=2) + "\n")
    return record


def accepted_weeks(folder: Path, gate: str) -> list[dt.date]:
    """Return the weeks for which a gate was lifted."""
    names = (file.stem for file in folder.glob(f"*_{gate}.json"))
    return [dt.date.fromisoformat(name.removesuffix(f"_{gate}")) for name in names]


def stopped_gates(problems: Iterable[str]) -> dict[str, list[str]]:
    """Find the gates among the problems of a build, each with what its rows say."""
    found = defaultdict(list)
    for problem in problems:
        match = _ROW.match(problem)
        if match and match["gate"] in GATES:
            # The run record and the messages made of it name nobody.
            found[match["gate"]].append(_EXAMPLES.sub("", match["row"]))
    return dict(found)


def gates_alone(problems: Sequence[str]) -> dict[str, list[str]]:
    """Find the gates that stopped a build; none where anything else failed, too."""
    names = {problem.partition(":")[0] for problem in problems}
    failed = {name for name in names if name.isidentifier()}
    return stopped_gates(problems) if failed <= GATE_TESTS else {}


def how_to_accept(gates: Iterable[str], week: str, due: dt.date | None = None) -> str:
    """Say how to correct or to lift these gates for a week, for `build` or for a `run` due then."""
    command = f"run --due {due}" if due else "build"
    gates = list(gates)
    options = " ".join(f"--accept {gate}:{week}" for gate in gates)
    rules = (
        "write the rules, overrides or members that are missing, or "
        if set(gates) & {"unresolved_share", "unresolved_spike"}
        else ""
    )
    return (
        f"To correct it: {rules}put a right file of the same name and date into the drop zone, "
        f"then persona-access {command if due else 'load && persona-access build'}. If it is right "
        f'all the same: persona-access {command} {options} --because "...".'
    )
