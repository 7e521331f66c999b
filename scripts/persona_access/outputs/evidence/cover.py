"""Create the cover of an evidence pack: a summary of its files, and the control that each answers.

The cover is composed once, as sections of sentences and tables, and rendered as HTML and PDF.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from persona_access.base.glossary import read_glossary
from persona_access.base.printable import counted
from persona_access.base.queries import Record
from persona_access.outputs.evidence.queries import UNUSED_DAYS
from persona_access.outputs.templates import template_environment

# The cover shows only this number of rows: the named file has the others.
MOST_ROWS = 100
# Columns of the pack whose values are words of this project.
CODED = (
    "change_cause",
    "code_state",
    "decision",
    "decision_state",
    "disposition",
    "finding_change",
    "finding_state",
    "item_kind",
    "quarantine_stage",
    "reconciliation_reason",
    "reconciliation_status",
    "reviewer_role",
    "state_reason",
    "violation_state",
)


@dataclass(frozen=True)
class Table:
    """A table of the cover; if it omits rows, `file` has all of them."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    file: str = ""

    @property
    def shown(self) -> Sequence[Sequence[Any]]:
        """The rows on the cover."""
        return self.rows[:MOST_ROWS]

    @property
    def title(self) -> str:
        """The caption, with the file of all rows."""
        return f"{self.caption} ({self.file})" if self.file else self.caption

    @property
    def omitted(self) -> str:
        """Return a sentence with the number of omitted rows; empty if there are none."""
        n_omitted = len(self.rows) - len(self.shown)
        return f"{counted(n_omitted, 'more row')} in {self.file}." if n_omitted > 0 else ""


@dataclass(frozen=True)
class Section:
    """A section of the cover; its position in the list is its number."""

    title: str
    sentences: Sequence[str]
    tables: Sequence[Table]


@dataclass(frozen=True)
class Control:
    """A point that an auditor checks, and the place in the pack that answers it."""

    standard: str
    point: str
    files: str
    section: str


def controls() -> list[Control]:
    """Read the auditor's checklist: points in short; their publishers have the full texts."""
    text = files(__package__).joinpath("controls.csv").read_text("utf-8")
    return [Control(**row) for row in csv.DictReader(text.splitlines())]


def codebook(models: Path) -> list[tuple[str, str, str]]:
    """Return column, word and meaning of every code in the pack, from the models' docs."""
    return sorted(
        (column, value, word.meaning)
        for column, words in read_glossary(models).items()
        if column in CODED
        for value, word in words.items()
    )


def html_of(sections: Sequence[Section], week: date) -> bytes:
    """Render the cover as a self-contained page; equal input gives equal bytes."""
    environment = template_environment("persona_access.outputs.evidence")
    page = environment.get_template("cover.html.j2").render(week=week, sections=sections)
    return page.encode()


def sections_of(
    answers: Mapping[str, list[Record]], words: Sequence[tuple[str, str, str]]
) -> list[Section]:
    """Compose the cover from the rows of the other files."""
    decisions = answers["review_decisions.csv"]
    accepted = [row for row in decisions if row["decision_state"] != "rejected"]
    rejected = [row for row in decisions if row["decision_state"] == "rejected"]

    def table(caption: str, file: str, columns: Mapping[str, str], rows: object = None) -> Table:
        chosen: Any = answers[file] if rows is None else rows
        cells = [[row[name] for name in columns.values()] for row in chosen]
        return Table(caption, list(columns), cells, file)

    return [
        Section(
            "Population",
            [_population(answers)],
            [
                table(
                    "Files used",
                    "files.csv",
                    {
                        "Feed": "feed", "Source": "source_system",
                        "Extract date": "extract_date", "File": "file_name",
                        "Rows read": "n_rows_read", "Loaded": "n_rows_loaded",
                        "Quarantined": "n_rows_quarantined", "SHA-256": "file_sha256",
                    },
                    [row for row in answers["files.csv"] if row["is_in_force"]],
                ),
                table(
                    "Reconciliation of the files with the results",
                    "row_tie_out.csv",
                    {"Law": "law", "Load": "load_id", "In": "n_rows_in", "Out": "n_rows_out"},
                ),
                Table("Tests of the build, by result", ["Result", "Tests"],
                      _count(answers["tests.csv"], "test_status"), "tests.csv"),
                table(
                    "Rows that could not be read, by reason",
                    "quarantine.csv",
                    {
                        "Feed": "feed", "Found by": "quarantine_stage",
                        "Reason": "quarantine_reason", "Rows": "n_rows",
                    },
                ),
                table(
                    "Pairs of person and application",
                    "results.csv",
                    {
                        "Status": "reconciliation_status", "Reason": "reconciliation_reason",
                        "Disposition": "disposition", "Pairs": "n_pairs", "People": "n_people",
                        "Privileged": "n_privileged",
                    },
                ),
                table(
                    "Accounts that HR does not know, and their possible owners",
                    "orphan_accounts.csv",
                    {
                        "Account": "brid", "Kind": "orphan_detail",
                        "Applications": "n_applications", "Privileged": "n_privileged",
                        "Likeliest owner": "candidate_brid", "Probability": "probability",
                        "By": "agreeing_fields",
                    },
                ),
            ],
        ),
        Section(
            "Who reviewed what, and when",
            [_self_reviews(answers)],
            [
                Table(
                    "Reviewers",
                    ["Reviewer", "Items on the list", "Decided items", "Answers so far",
                     "Last answer", "List signed on"],
                    _reviewers(answers["review_population.csv"], accepted),
                    "review_decisions.csv",
                ),
                Table("Items to review, by reviewer", ["Reviewer", "Items"],
                      _count(answers["review_population.csv"], "reviewer_role"),
                      "review_population.csv"),
                table(
                    "Signed lists",
                    "attestations.csv",
                    {
                        "Reviewer": "reviewer_brid", "List of": "list_week",
                        "Signed by": "signed_by", "On": "signed_on", "Items": "n_items",
                        "Decided": "n_decided",
                    },
                ),
                table(
                    "Campaigns",
                    "campaigns.csv",
                    {
                        "Campaign": "campaign_id", "Reviewer": "reviewer_brid", "Due": "due_date",
                        "Items": "n_items", "Decided": "n_decided", "Overdue": "n_overdue",
                        "Kept within a minute": "n_rubber_stamped", "Signed": "attested_date",
                    },
                ),
                Table("Findings that the week opened, by reason", ["Reason", "Findings"],
                      _count(answers["findings_opened.csv"], "reconciliation_reason"),
                      "findings_opened.csv"),
                Table("Answers by result", ["State", "Answers"],
                      _count(decisions, "decision_state"), "review_decisions.csv"),
                Table("Rejected answers, by reason", ["Reason", "Answers"],
                      _count(rejected, "state_reason"), "review_decisions.csv"),
            ],
        ),
        Section(
            "Kept access",
            ["Keeping access does not make it correct: it stays excess, with an end date."],
            [
                table(
                    "Decisions of reviewers to keep access",
                    "review_decisions.csv",
                    {
                        "BRID": "brid", "Application": "application_id", "Decided by": "decided_by",
                        "On": "answered_date", "Until": "keep_until", "State": "decision_state",
                        "Why not": "state_reason",
                    },
                    [row for row in accepted if row["decision"] == "keep"],
                ),
                table(
                    "Exceptions with their approval and last day",
                    "exceptions.csv",
                    {
                        "Kind": "exception_kind", "BRID": "brid", "About": "about",
                        "State": "exception_state", "Until": "valid_to",
                        "Requested or owned by": "requested_by",
                        "Approved by": "approved_by", "Approved on": "approved_on",
                        "Reason": "rationale",
                    },
                ),
            ],
        ),
        Section(
            "Removed access",
            [
                "Only a later registry extract with the application proves a removal.",
                _leavers(answers["findings_open.csv"]),
            ],
            [
                table(
                    "Removals, with the two extracts that prove them",
                    "removals.csv",
                    {
                        "BRID": "brid", "Application": "application_id", "Asked by": "decided_by",
                        "On": "answered_date", "Due": "removal_due_date", "State": "decision_state",
                        "Last held": "last_held_date", "In file": "last_held_file",
                        "First gone": "first_gone_date", "Absent in file": "first_gone_file",
                    },
                ),
                Table(
                    "Excess access that is still held, by reason",
                    ["Reason", "Findings", "Overdue", "Oldest, in days"],
                    _still_held(answers["findings_open.csv"]),
                    "findings_open.csv",
                ),
                table(
                    "Excess access that this week no longer found",
                    "findings_closed.csv",
                    {
                        "BRID": "brid", "Application": "application_id",
                        "Reason": "reconciliation_reason", "Opened": "opened_date",
                        "Due": "due_date", "Last seen": "last_seen_date",
                        "Still held": "is_held_now", "Seen by": "change_cause",
                        "In file": "registry_load_id",
                    },
                    [
                        row
                        for row in answers["findings_closed.csv"]
                        if row["finding_type"] == "excess"
                    ],
                ),
            ],
        ),
        Section(
            "Privileged access",
            [f"{len(answers['privileged.csv']):,} privileged accesses are held."],
            [
                table(
                    "Privileged access that is held",
                    "privileged.csv",
                    {
                        "BRID": "brid", "Application": "application_id",
                        "Status": "reconciliation_status", "Reason": "reconciliation_reason",
                        "Last used": "last_used_date", "Reviewers": "reviewers",
                        "Decision": "newest_decision", "State": "decision_state",
                    },
                )
            ],
        ),
        Section(
            "Unused access",
            [_last_used(answers["last_used.csv"])],
            [
                table(
                    "Access for which the registry has the last use",
                    "last_used.csv",
                    {
                        "Application": "application_id", "Held": "n_held",
                        "With a date of last use": "n_with_last_used", "Percent": "percent_covered",
                        f"Not used for {UNUSED_DAYS} days": f"n_unused_{UNUSED_DAYS}_days",
                    },
                ),
                table(
                    f"Access not used for {UNUSED_DAYS} days, longest first",
                    "unused.csv",
                    {
                        "BRID": "brid", "Application": "application_id",
                        "Last used": "last_used_date", "Days": "n_days_unused",
                        "Privileged": "is_privileged", "Status": "reconciliation_status",
                        "Reason": "reconciliation_reason",
                    },
                ),
            ],
        ),
        Section(
            "Segregation of duties",
            ["Access that one person must not hold together, and the people who do."],
            [
                table(
                    "Violations",
                    "segregation_of_duties.csv",
                    {
                        "Rule": "sod_rule_name", "Severity": "severity", "BRID": "brid",
                        "Side a": "held_of_a", "Side b": "held_of_b", "State": "violation_state",
                        "Control": "mitigating_control", "Since": "opened_date",
                    },
                )
            ],
        ),
        Section(
            "Checks",
            ["verify.py reports faults of these checks, too."],
            [
                table(
                    "Checks of the review",
                    "checks.csv",
                    {"Check": "check_name", "Examined": "n_examined", "Faults": "n_faults"},
                )
            ],
        ),
        Section(
            "Controls",
            ["Each point, with the files and the section of this cover that answer it."],
            [
                Table(
                    "The auditor's checklist",
                    ["Standard", "Asks for", "Files", "Section"],
                    [[each.standard, each.point, each.files, each.section] for each in controls()],
                    "checklist.csv",
                )
            ],
        ),
        Section(
            "Codebook",
            ["codebook.csv explains all words of the pack. This table has the words of reviews."],
            [
                Table(
                    "Meaning of the words",
                    ["Column", "Word", "Meaning"],
                    [row for row in words if row[0] in ("decision_state", "state_reason")],
                    "codebook.csv",
                )
            ],
        ),
    ]  # fmt: skip


def _count(rows: Sequence[Record], column: str) -> list[tuple[str, int]]:
    return sorted(Counter(row[column] for row in rows).items())


def _population(answers: Mapping[str, list[Record]]) -> str:
    n_people = sum(
        row["n_people"]
        for row in answers["population.csv"]
        if row["attribute"] == "employment state"
    )
    n_pairs = sum(row["n_pairs"] for row in answers["results.csv"])
    return (
        f"Compared: {counted(n_people, 'person', 'people')} of the HR headcount and "
        f"{counted(n_pairs, 'pair')} of person and application. The second table reconciles both "
        "with the delivered files."
    )


def _self_reviews(answers: Mapping[str, list[Record]]) -> str:
    (check,) = (row for row in answers["checks.csv"] if "whose access" in row["check_name"])
    return (
        f"Self-review check: {check['n_faults']} of {check['n_examined']} valid answers were "
        "given by the person whose access they are about."
    )


def _still_held(findings: Sequence[Record]) -> list[list[Any]]:
    by_reason: dict[str, list[Record]] = {}
    for row in findings:
        if row["finding_type"] == "excess":
            by_reason.setdefault(row["reconciliation_reason"], []).append(row)
    return [
        [
            reason,
            len(rows),
            sum(bool(row["is_overdue"]) for row in rows),
            max(row["age_days"] for row in rows),
        ]
        for reason, rows in sorted(by_reason.items())
    ]


def _leavers(findings: Sequence[Record]) -> str:
    held = [row for row in findings if row["reconciliation_reason"] == "leaver"]
    people = {row["brid"] for row in held}
    return (
        f"Leavers who still hold access: {len(people):,}, with "
        f"{counted(len(held), 'access', 'accesses')}. Their rows in findings_open.csv have the "
        "reason leaver."
    )


def _last_used(rows: Sequence[Record]) -> str:
    n_held = sum(row["n_held"] for row in rows)
    n_known = sum(row["n_with_last_used"] for row in rows)
    n_unused = sum(row[f"n_unused_{UNUSED_DAYS}_days"] for row in rows)
    share = f"{100 * n_known / n_held:.1f} %" if n_held else "none"
    return (
        f"Accesses with a date of last use in the registry: {n_known:,} of {n_held:,} ({share}); "
        f"of these, not used for {UNUSED_DAYS} days: {n_unused:,}. The last use of the others is "
        f"unknown. The limit of {UNUSED_DAYS} days comes from PCI DSS 8.2.6; the var dormant_days, "
        "after which a campaign asks reviewers, has no effect here."
    )


def _reviewers(population: Sequence[Record], accepted: Sequence[Record]) -> list[list[Any]]:
    """Count listed and decided items for each reviewer, with the date of the signature."""
    n_items = Counter(row["reviewer_brid"] for row in population)
    newest = {
        (row["item_id"], row["reviewer_brid"])
        for row in accepted
        if row["state_reason"] not in ("newer_answer", "repeated_answer")
    }
    n_decided = Counter(
        row["reviewer_brid"]
        for row in population
        if (row["item_id"], row["reviewer_brid"]) in newest
    )
    n_answers = Counter(row["reviewer_brid"] for row in accepted)
    last: dict[str, date] = {}
    signed: dict[str, date] = {}
    for row in accepted:
        name, day = row["reviewer_brid"], row["answered_date"]
        last[name] = max(last.get(name, day), day)
        if row["decision"] == "attest":
            signed[name] = max(signed.get(name, day), day)
    names = sorted({*n_items, *n_answers}, key=lambda each: (each is None, each))
    return [
        [name, n_items[name], n_decided[name], n_answers[name], last.get(name), signed.get(name)]
        for name in names
    ]
