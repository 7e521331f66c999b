"""Report the impact of a change: the same sections for a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from persona_access.base.printable import cell, described, filled_columns
from persona_access.base.queries import Record

LIMIT = 20
_SECTIONS = (
    ("trap_summary", "TRAP: access that was unassessed and becomes excess"),
    ("traps", "People whose access becomes excess that way"),
    ("persona_flows", "Personas that change"),
    ("persona_changes", "Who changes persona, reason or source"),
    ("status_flips", "Statuses that change"),
    ("status_changes", "Whose statuses change"),
    ("expectations", "Applications gained and lost, by persona and cost center"),
    ("rule_changes", "Rules that change, or decide for other people"),
    ("cell_changes", "Cells of management level x cost center that change"),
)
_SEED_SECTION = "Rows of the decisions that change"
_FAULTS_SECTION = "Decisions that no build accepts"


def headline(found: Record) -> str:
    """Describe the comparison in a sentence."""
    return f"Decisions of the working tree against {found['base']} ({found['commit'][:10]})"


def write_markdown(found: Record, file: Path) -> None:
    """Write the impact for a pull request: complete, with long lists folded."""
    lines = [f"## {headline(found)}", ""]
    if not found["seed_changes"]:
        lines.append("No decision differs, so nothing changes.")
    else:
        for title, records in sections(found):
            lines += [f"### {title}", "", *_markdown(records), ""]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def sections(found: Record) -> Iterator[tuple[str, list[Record]]]:
    """Yield the title and the records of each section."""
    if found["faults"]:
        yield (
            _FAULTS_SECTION,
            [{"test": fault["test"], "row": described(fault["row"])} for fault in found["faults"]],
        )
    yield _SEED_SECTION, _seed_counts(found)
    weeks = found["weeks"]
    yield (
        "Weeks",
        [
            {
                "week": week["week"],
                "people changed": week["people_changed"],
                "personas changed": sum(row["people"] for row in week["persona_flows"]),
                "statuses changed": len(week["status_changes"]),
                "unassessed to excess": len(week["traps"]),
            }
            for week in weeks
        ],
    )
    newest = weeks[-1]
    for topic, title in _SECTIONS:
        if newest[topic] or not topic.startswith("trap"):
            yield f"{title} ({newest['week']})", newest[topic]


def _seed_counts(found: Record) -> list[Record]:
    return [
        {
            "file": change["seed"],
            "rows removed": len(change["removed"]),
            "rows added": len(change["added"]),
        }
        for change in found["seed_changes"]
    ]


def _markdown(records: list[Record]) -> list[str]:
    if not records:
        return ["none"]
    shown = filled_columns(records)
    table = [
        "| " + " | ".join(name.replace("_", " ") for name in shown[0]) + " |",
        "|" + " --- |" * len(shown[0]),
        *("| " + " | ".join(_escaped(value) for value in row.values()) + " |" for row in shown),
    ]
    if len(records) <= LIMIT:
        return table
    return ["<details>", f"<summary>{len(records):,} rows</summary>", "", *table, "", "</details>"]


def _escaped(value: object) -> str:
    text = cell(value)
    for sign in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(sign, "\\" + sign)
    return text
