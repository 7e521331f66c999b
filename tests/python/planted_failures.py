"""What must stop a build, ready to be planted: wrong decisions, and deliveries that cannot be true.

Everything here changes copies of the demo bank's decisions and files; its people, personas and
applications are those of persona_access.demo.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

_APPROVED = {
    "valid_from": "2026-09-01",
    "approved_by": "1001",
    "approved_on": "2026-08-28",
    "rationale": "Planted by a test.",
}
_RULE = {
    "rule_id": "R-PLANTED",
    "rule_version": "1",
    "effect": "assign",
    "management_level": "*",
    "cost_center": "FIN-1020",
    "persona_id": "controller",
    "is_null_matched": "false",
    "owner": "1003",
    "author": "1010",
    **_APPROVED,
}
_WAIVER = {
    "waiver_id": "W-PLANTED",
    "brid": "1078",
    "application_id": "siem-console",
    "valid_to": "2027-03-31",
    "requested_by": "1003",
    **_APPROVED,
}
_ALIAS = {"alias": "ledger", "application_id": "general-ledger", **_APPROVED}
_OVERRIDE = {
    "override_id": "O-PLANTED",
    "brid": "1078",
    "persona_id": "controller",
    "valid_to": "2027-03-31",
    "requested_by": "1003",
    **_APPROVED,
}


@dataclass(frozen=True)
class WrongDecision:
    """Rows that make the decisions wrong when they are added to the seed of that name."""

    seed: str
    rows: tuple[dict[str, str], ...]


WRONG_DECISIONS = {
    "two applications, one alias": WrongDecision(
        "application_aliases", (_ALIAS, {**_ALIAS, "application_id": "planning-cube"})
    ),
    "rules tie on different personas": WrongDecision(
        "mapping_rules", ({**_RULE, "persona_id": "accountant"},)
    ),
    "rule to an unknown persona": WrongDecision(
        "mapping_rules", ({**_RULE, "persona_id": "no-such-persona"},)
    ),
    "rule without approval": WrongDecision("mapping_rules", ({**_RULE, "approved_by": ""},)),
    "rule approved by its author": WrongDecision(
        "mapping_rules", ({**_RULE, "approved_by": _RULE["author"]},)
    ),
    "rule with reversed dates": WrongDecision(
        "mapping_rules", ({**_RULE, "valid_to": "2026-08-01"},)
    ),
    "override to an unknown persona": WrongDecision(
        "persona_overrides", ({**_OVERRIDE, "persona_id": "no-such-persona"},)
    ),
    "override approved by its beneficiary": WrongDecision(
        "persona_overrides", ({**_OVERRIDE, "approved_by": _OVERRIDE["brid"]},)
    ),
    "waiver without an end": WrongDecision("waivers", ({**_WAIVER, "valid_to": ""},)),
    "waiver approved by its beneficiary": WrongDecision(
        "waivers", ({**_WAIVER, "approved_by": _WAIVER["brid"]},)
    ),
    "waiver that matches nothing": WrongDecision(
        "waivers", ({**_WAIVER, "application_id": "board-pack"},)
    ),
}


def plant(wrong: WrongDecision, seeds: Path, target: Path) -> None:
    """Copy the seeds to the target (a folder inside the project) and add the wrong rows."""
    target.mkdir(parents=True)
    for file in seeds.glob("*.csv"):
        shutil.copy(file, target)
    file = target / f"{wrong.seed}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    with file.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, header, restval="", lineterminator="\n")
        writer.writerows(wrong.rows)


def keep_share(file: Path, share: float) -> None:
    """Keep the header and so many of the rows of a CSV file, as if the delivery were cut short."""
    header, *rows = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join([header, *rows[: round(len(rows) * share)]]), "utf-8")


def correct(file: Path, old: str, new: str) -> None:
    """Change the content of a delivery, as a corrected file for the same date would."""
    text = file.read_text("utf-8")
    if old not in text:
        raise ValueError(f"{file} does not contain {old!r}")
    file.write_text(text.replace(old, new), "utf-8")
