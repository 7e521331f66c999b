"""The inputs of two weeks: current files, and decisions as of each week."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import StringIO

from persona_access.base.settings import Settings
from persona_access.base.week_inputs import Build, seed_of_build

Row = dict[str, str]


@dataclass(frozen=True)
class Substitution:
    """One cause, and its inputs: feeds and seed files."""

    cause: str
    feeds: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()


# The order decides if two causes overlap: data about people come before data about access.
SUBSTITUTIONS = (
    Substitution("hr_changed", feeds=("hr_headcount",)),
    Substitution("persona_list_changed", feeds=("persona_list",)),
    Substitution("members_changed", feeds=("persona_members",)),
    Substitution(
        "rules_changed",
        seeds=(
            "mapping_rules.csv",
            "rule_conditions.csv",
            "persona_feedback.csv",
            "persona_overrides.csv",
            "pretrained_mappings.csv",
            "pretrained_conditions.csv",
            "pretrained_cost_centers.csv",
            "pretrained_trainings.csv",
        ),
    ),
    Substitution("aliases_changed", seeds=("application_aliases.csv",)),
    Substitution("accounts_changed", seeds=("non_human_accounts.csv",)),
    Substitution("grants_changed", feeds=("iam_app_registry",)),
    Substitution("waivers_changed", seeds=("waivers.csv",)),
)


def seeds_of_build(settings: Settings, build: Build, say: Callable[[str], None]) -> dict[str, str]:
    """Return the seed files of a week's build: today's files, or those of its commit.

    If neither has the recorded SHA-256, it reports this and uses today's.
    """
    found = {}
    for file in sorted(settings.seeds.glob("*.csv")):
        content = file.read_bytes()
        if build.decisions.get(file.name):
            recorded = seed_of_build(settings, build, file.name)
            if recorded is None:
                say(
                    f"{file.name} changed since, and git does not have the earlier version: "
                    "today's file is used instead."
                )
            content = content if recorded is None else recorded
        found[file.name] = content.decode("utf-8", "replace")
    return found


def as_known(text: str, week: date, until: date) -> str:
    """Rewrite a seed so that its rows on the day `until` are those of the day `week`.

    Rows not in force then are omitted; the others are in force. Seeds without dates are unchanged.
    """
    rows = list(csv.DictReader(StringIO(text, newline="")))
    if not rows or "valid_to" not in rows[0]:
        return text
    kept = [
        {**row, "valid_to": "" if row["valid_to"] < until.isoformat() else row["valid_to"]}
        for row in rows
        if _is_in_force(row, week)
    ]
    out = StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return out.getvalue()


def says_the_same(before: str, after: str, until: date) -> bool:
    """Return whether two versions of a seed have equal rows in force on a day, ignoring dates."""
    return _in_force(before, until) == _in_force(after, until)


def _in_force(text: str, week: date) -> list[tuple[tuple[str, str], ...]]:
    dates = ("valid_from", "valid_to")
    return sorted(
        tuple((name, value) for name, value in row.items() if name not in dates)
        for row in csv.DictReader(StringIO(text, newline=""))
        if _is_in_force(row, week)
    )


def _is_in_force(row: Row, week: date) -> bool:
    """Return whether a decision is in force on a day, as in the macro `is_in_force`."""
    first, last = row.get("valid_from", ""), row.get("valid_to", "")
    return first <= week.isoformat() and (not last or last >= week.isoformat())
