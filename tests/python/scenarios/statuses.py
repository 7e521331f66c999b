"""Compute statuses a second time, pair by pair from the files, without the project's code.

For deliveries like the real weeks: known members, no rules, no aliases, readable rows.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import date
from pathlib import Path

Pair = tuple[str, str]
# A status, and its reason if the files of one week determine it.
Status = tuple[str, str | None]
Rows = list[dict[str, str]]

_STRENGTH = ("optional", "mandatory", "prohibited")


def statuses_of(deliveries: Path, week: date, ever_reported: set[str]) -> dict[Pair, Status]:
    """Return the expected status of each pair; add the applications to `ever_reported`."""
    people, grants, requirements, members = (
        _read(deliveries / f"{feed}_{week}.csv.gz")
        for feed in ("hr_headcount", "iam_app_registry", "persona_list", "persona_members")
    )
    ever_reported |= {row["application_id"] for row in grants}
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for row in requirements:
        asked[row["persona_id"]][row["application_id"]] = row["requirement"] or "mandatory"
    baseline = {row["persona_id"] for row in requirements if row["is_baseline"].lower() == "true"}
    personas: dict[str, set[str]] = defaultdict(set)
    for row in members:
        if row["persona_id"] in asked:
            personas[row["brid"]].add(row["persona_id"])
    states = {row["brid"]: _state(row, week) for row in people}
    due: dict[Pair, str] = {}
    for brid, state in states.items():
        for persona in (personas[brid] | baseline) if state == "employed" else ():
            for application, requirement in asked[persona].items():
                pair = (brid, application)
                due[pair] = max(due.get(pair, requirement), requirement, key=_STRENGTH.index)
    modelled = {row["application_id"] for row in requirements}
    found: dict[Pair, Status] = {
        pair: ("missing", None) for pair, requirement in due.items() if requirement == "mandatory"
    }
    for row in grants:
        brid, application = pair = (row["brid"], row["application_id"])
        if brid not in states:
            found[pair] = ("excess", "orphan_account")
        elif states[brid] != "employed":
            found[pair] = ("excess", "leaver" if states[brid] == "ended" else "early_access")
        elif due.get(pair) == "prohibited":
            found[pair] = ("excess", "prohibited_for_persona")
        elif application not in ever_reported:
            found[pair] = ("unassessed", "application_unknown")
        elif pair in due:
            found[pair] = ("match", due[pair])
        elif not personas[brid]:
            found[pair] = ("unassessed", None)
        elif application not in modelled:
            found[pair] = ("unassessed", "application_not_modelled")
        else:
            found[pair] = ("excess", None)
    return found


def _state(row: dict[str, str], week: date) -> str:
    today, hired, ended = str(week), row.get("hire_date", ""), row.get("termination_date", "")
    is_hired_again = bool(ended) and ended < hired <= today
    if ended and ended <= today and not is_hired_again:
        return "ended"
    if row["employment_status"] == "terminated" and (not ended or hired > ended):
        return "ended"
    return "not_started" if hired > today or row["employment_status"] == "future" else "employed"


def _read(file: Path) -> Rows:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
