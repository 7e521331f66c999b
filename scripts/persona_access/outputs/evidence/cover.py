"""The cover of an evidence pack: what its files say, for people, and which control each answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from persona_access.base.queries import Record
from persona_access.outputs.templates import template_environment

# Which file answers which control. The texts of the controls are their publishers'.
CONTROLS = (
    ("SOX ITGC, access review", "complete population", "review_population.csv, row_tie_out.csv"),
    ("SOX ITGC, access review", "reviewer is not the subject", "review_decisions.csv"),
    ("SOX ITGC, access review", "inappropriate access is removed", "removals.csv"),
    ("PCI DSS 7.2.4", "reviews at intervals, acknowledged by management", "review_decisions.csv"),
    ("PCI DSS 7.2.5", "application and system accounts", "exceptions.csv"),
    ("PCI DSS 8.2.6", "accounts that are not used", "review_population.csv"),
    ("NIST SP 800-53 AC-2(3)", "accounts of people who left", "findings_open.csv, removals.csv"),
    ("NIST SP 800-53 AC-6(7)", "privileges are reviewed", "review_population.csv"),
    ("ISO/IEC 27001 A.5.18", "reviewed and removed", "review_decisions.csv, removals.csv"),
)  # fmt: skip
_DOC = re.compile(r"{% docs (?P<name>\w+) %}(?P<text>.*?){% enddocs %}", re.DOTALL)
# What a reader of the pack has to look up, and the block of the documentation that says it.
_CODEBOOK = {
    "decision_state": "decision_state",
    "state_reason": "state_reason",
    "item_kind": "item_kind",
    "reviewer_role": "reviewer_role_of_lists",
    "code_state": "code_state",
    "reconciliation_reason": "reconciliation_reason",
    "disposition": "disposition",
    "suspended_reason": "suspended_reason",
}


def cover(answers: Mapping[str, list[Record]], week: date, models: Path) -> bytes:
    """Write the cover from the rows of the other files; equal rows make equal bytes."""
    decisions = answers["review_decisions.csv"]
    accepted = [row for row in decisions if row["decision_state"] != "rejected"]
    environment = template_environment("persona_access.outputs.evidence")
    page = environment.get_template("cover.html.j2").render(
        week=week,
        answers=answers,
        files=[row for row in answers["files.csv"] if row["is_in_force"]],
        reviewers=_reviewers(answers["review_population.csv"], accepted),
        states=sorted(Counter(row["decision_state"] for row in decisions).items()),
        rejections=sorted(
            Counter(
                row["state_reason"] for row in decisions if row["decision_state"] == "rejected"
            ).items()
        ),
        n_self_reviews=sum(
            row["brid"] is not None and row["decided_by"] == row["brid"] for row in accepted
        ),
        removals=answers["removals.csv"],
        kept=[row for row in accepted if row["decision"] == "keep"],
        privileged=[row for row in answers["review_population.csv"] if row["is_privileged"]],
        failed=[row for row in answers["tests.csv"] if row["test_status"] not in ("pass", "warn")],
        controls=CONTROLS,
        cells=lambda rows, columns: [[row[column] for column in columns] for row in rows],
        exception_columns=list(answers["exceptions.csv"][0]) if answers["exceptions.csv"] else [],
        codebook=_codebook(models),
    )
    return page.encode()


def _reviewers(population: list[Record], accepted: list[Record]) -> list[dict[str, Any]]:
    """Count for each reviewer what was on the list, what was decided, and when it was signed."""
    newest = {
        (row["item_id"], row["reviewer_brid"]): row
        for row in accepted
        if row["state_reason"] != "newer_answer"
    }
    found = []
    names = {row["reviewer_brid"] for row in population} | {
        row["reviewer_brid"] for row in accepted
    }
    for name in sorted(names, key=lambda each: (each is None, each)):
        items = [row for row in population if row["reviewer_brid"] == name]
        answered = [row for row in accepted if row["reviewer_brid"] == name]
        found.append(
            {
                "brid": name,
                "n_items": len(items),
                "n_decided": sum((row["item_id"], name) in newest for row in items),
                "n_answers": len(answered),
                "last": max((row["answered_date"] for row in answered), default=None),
                "signed": max(
                    (row["answered_date"] for row in answered if row["decision"] == "attest"),
                    default=None,
                ),
            }
        )
    return found


def _codebook(models: Path) -> list[tuple[str, str]]:
    """Return what the words of the pack mean, as the documentation of the models says it."""
    texts = {
        found["name"]: " ".join(found["text"].split())
        for file in sorted(models.glob("**/*.md"))
        for found in _DOC.finditer(file.read_text("utf-8"))
    }
    return [(column, texts[block]) for column, block in _CODEBOOK.items() if block in texts]
