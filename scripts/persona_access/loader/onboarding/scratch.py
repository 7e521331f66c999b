"""Start a new organisation: create the folders of files and decisions, and the first rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.files import make_editable, write_atomically
from persona_access.base.project_check import declared_seeds, header_of
from persona_access.base.settings import Settings
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.feed_mappings.likeness import SURE, name_likeness
from persona_access.loader.onboarding.trial import reading_trial
from persona_access.loader.session import name as sql_name

RULES = "mapping_rules.csv"
_DEMO_DECISIONS = "seeds"
_OWN_DECISIONS = "decisions"
# Words in a persona list that mean every level, or every cost center.
_ANY = "'*', 'all', 'any', 'alle', 'tous', 'todos'"


@dataclass(frozen=True)
class Scratch:
    """The folders of a new organisation, and the files of decisions that were created."""

    drop_zone: Path
    feeds: Path
    decisions: Path
    written: tuple[str, ...]


def make_folders(settings: Settings) -> Scratch:
    """Create the drop zone, the folder of mappings, and a folder of decisions with only headers.

    Existing files are kept. The demo's decisions apply only to the demo: unless the settings name
    another folder, the new one is `decisions`.
    """
    decisions = settings.seeds
    if decisions == settings.project_root / _DEMO_DECISIONS:
        decisions = settings.project_root / _OWN_DECISIONS
    for folder in (settings.main_zone.folder, settings.feeds, decisions):
        folder.mkdir(parents=True, exist_ok=True)
    written = []
    for seed in declared_seeds(settings):
        file = decisions / f"{seed['name']}.csv"
        if not file.exists():
            write_atomically(file, header_of(seed))
            make_editable(file)
            written.append(file.name)
    return Scratch(settings.main_zone.folder, settings.feeds, decisions, tuple(written))


def rule_columns(headers: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of a persona list that contain the level and the cost center."""
    found = [
        max((name_likeness(header, target, "hr_headcount"), header) for header in headers)
        for target in ("management_level", "cost_center")
        if headers
    ]
    if len(found) < 2 or min(score for score, _ in found) < SURE:
        return None
    return found[0][1], found[1][1]


@dataclass(frozen=True)
class Implied:
    """The rules that a persona list implies, and personas for which it implies none.

    `everybody` are personas of every level and cost center: people hold them in addition to
    another persona, which a rule cannot express. `nobody` are personas without both.
    """

    rules: list[dict[str, str]]
    everybody: list[str]
    nobody: list[str]


def implied(
    settings: Settings,
    file: Path,
    mapping: FeedMapping,
    contract: Contract,
    columns: tuple[str, str],
) -> Implied:
    """Return a rule for each level and cost center to which a persona list assigns a persona.

    Owner and approval are empty: until people fill them in, no build uses the rule. Raises
    RefusalError if a load would refuse the file.
    """
    level, center = (
        f"case when lower(trim({name})) in ({_ANY}) then '*' else nullif(trim({name}), '') end"
        for name in map(sql_name, columns)
    )
    with reading_trial(settings, file, mapping, contract) as (_, session, relation):
        rule = f"persona_id, {level}, {center}"
        listed = f"from {relation} where persona_id is not null"
        rows = session.execute(f"select distinct {rule} {listed} order by all").fetchall()
    named = {row[0] for row in rows if row[1] or row[2]}
    everybody = sorted({row[0] for row in rows if row[1:] == ("*", "*")})
    rules = [
        {
            "rule_id": f"R-{number:04}",
            "rule_version": "1",
            "effect": "assign",
            "management_level": management_level or "*",
            "cost_center": cost_center or "*",
            "persona_id": persona_id,
            "is_null_matched": "false",
            "rationale": f"Implied by {file.name}.",
        }
        for number, (persona_id, management_level, cost_center) in enumerate(
            (row for row in rows if (row[1] or row[2]) and row[0] not in everybody), start=1
        )
    ]
    return Implied(rules, everybody, sorted({row[0] for row in rows} - named))


def write_suggestions(file: Path, decisions: Path, rules: Sequence[dict[str, str]]) -> None:
    """Write suggested rules for people to choose from, with the columns of the rules seed."""
    write_atomically(file, decisions.read_text("utf-8").partition("\n")[0] + "\n")
    write_rules(file, rules)


def write_rules(file: Path, rules: Sequence[dict[str, str]]) -> bool:
    """Write rules to a file that has only a header; return False if it already has rows."""
    header, *rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    if rows:
        return False
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rules)
    write_atomically(file, text.getvalue())
    make_editable(file)
    return True
