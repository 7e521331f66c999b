"""Create the patch of a cause: rows of decisions for review, in force only after approval."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import unified_diff
from io import StringIO
from pathlib import Path

import duckdb

from persona_access.base.cleaning import clean_text
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import write_atomically
from persona_access.base.git import place_in_repository
from persona_access.base.printable import counted, harmless, printable
from persona_access.base.project_check import header_of_seed
from persona_access.base.queries import Record, ask
from persona_access.base.settings import Settings
from persona_access.base.sql import statement

FOLDER = "proposed"
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Patch:
    """Rows to add to one seed; `author` proposes them, and they are not approved yet.

    With `ended`, the ids and versions of mapping rules, each of these versions ends the day before
    the week, and a new one follows; the only row has the values that differ.
    """

    cause: Record
    week: date
    author: str
    seed: str
    rows: list[dict[str, str]]
    ended: tuple[tuple[str, str], ...] = ()

    def added_to(
        self, text: str, header: str, *, approved_by: str = "", approved_on: str = ""
    ) -> str:
        """Return the text of the seed with the rows at the end, in the columns of the seed.

        A seed that does not exist yet has no text; it begins with `header`. All other lines are
        unchanged. Raises PersonaAccessError if the seed no longer has a version that ends.
        """
        text = _with_header(text, header)
        approval = {"approved_by": approved_by, "approved_on": approved_on}
        for rule_id, version in self.ended:
            text = self._with_next_version(text, rule_id, version, {**self.rows[0], **approval})
        if self.ended:
            return text
        added = StringIO()
        columns = next(csv.reader(StringIO(text)))
        writer = csv.DictWriter(added, columns, restval="", lineterminator="\n")
        writer.writerows({**row, **approval} for row in self.rows)
        return text + added.getvalue()

    def _with_next_version(
        self, text: str, rule_id: str, version: str, changed: dict[str, str]
    ) -> str:
        """End a version of a rule and add the next one.

        A version that begins in this week never had an effect, so the new version replaces it.
        """
        lines = _lines(text)
        reader = csv.reader(lines)
        columns = next(reader)
        kept, following, newest = lines[: reader.line_num], None, 0
        at = reader.line_num
        for cells in reader:
            raw, at = lines[at : reader.line_num], reader.line_num
            row = dict(zip(columns, cells, strict=False))
            if clean_text(row.get("rule_id")) == rule_id:
                newest = max(newest, int(row["rule_version"]))
                if clean_text(row["rule_version"]) == version:
                    following = dict(row)
                    if row["valid_from"] >= self.week.isoformat():
                        continue
                    ended = {**row, "valid_to": (self.week - timedelta(days=1)).isoformat()}
                    raw = [_as_line(columns, ended)]
            kept.extend(raw)
        if following is None:
            raise PersonaAccessError(
                f"{self.seed}.csv has no version {version} of the rule {rule_id} "
                "that the week was built with: build the week again."
            )
        following |= {"valid_to": "", **changed, "rule_version": str(newest + 1)}
        return "".join([*kept, _as_line(columns, following)])


def make_patch(
    connection: duckdb.DuckDBPyConnection, week: date, cause: Record, author: str
) -> Patch:
    """Create the rows that the action of a cause requires.

    Raises PersonaAccessError if the action of the cause changes no decision.
    """
    application, detail = cause["subject_application_id"], cause["subject_detail"]
    said = harmless(f"Proposed by {author}: {cause['cause_title']}; {cause['evidence']}.")
    about = {"valid_from": week.isoformat(), "rationale": said}
    by_author = {**about, "requested_by": author}
    action = cause["cause_action"]
    if not cause["has_patch"]:
        raise PersonaAccessError(
            f"The cause {cause['cause_id']} cannot be ended by a change of decisions: "
            f"{cause['action_text']}"
        )
    if action == "add_alias":
        rows = [{"alias": detail, "application_id": application, **about}]
        return Patch(cause, week, author, "application_aliases", rows)
    if action == "review_rule":
        # For a rule that moved people, use the day of the move.
        source = detail[:-11] if cause["cause_kind"] == "rule_moved_people" else detail
        rule_id, _, version = source.rpartition(" v")
        correction = {"persona_id": cause["proposed_persona_id"], "author": author, **about}
        ended = ((rule_id, version),)
        return Patch(cause, week, author, "mapping_rules", [correction], ended)
    if action == "name_owner_or_close":
        accounts = ask(
            connection,
            statement(__package__, "accounts_of_cause"),
            {"week": week, "cause_id": cause["cause_id"]},
        )
        # The owner of the application knows the purpose of its accounts, or can find it out.
        said_of_owner = {"purpose": "To be said", "owner_brid": cause["action_brid"] or author}
        rows = [{**row, **said_of_owner, **about} for row in accounts]
        return Patch(cause, week, author, "non_human_accounts", rows)
    if action == "retire_application":
        rows = [{"application_id": application, **by_author}]
        return Patch(cause, week, author, "retired_applications", rows)
    if action == "replace_in_list":
        personas = [
            row["persona_id"]
            for row in ask(
                connection,
                statement(__package__, "requiring_personas"),
                {"week": week, "application_id": application},
            )
        ]
        pairs = [(persona, name) for persona in personas for name in (application, detail)]
    else:
        pairs = [(cause["subject_persona_id"], application)]
    rows = [
        {"persona_id": persona, "application_id": name, "requirement": "optional", **by_author}
        for persona, name in pairs
    ]
    return Patch(cause, week, author, "persona_list_amendments", rows)


def write_patch(settings: Settings, patch: Patch) -> Path:
    """Write the patch below the decisions, where no build reads it; apply it with `git apply`.

    Raises PersonaAccessError for a value that a spreadsheet would compute: it cannot be defused,
    because then it would decide about something else.
    """
    for name, value in (cell for row in patch.rows for cell in row.items()):
        if harmless(value) != value:
            raise PersonaAccessError(
                f"The {name.replace('_', ' ')} '{printable(value)}' would be a formula when "
                f"{patch.seed}.csv is opened in a spreadsheet: have it corrected in its source, or "
                "add the row by hand."
            )
    seed = settings.seeds / f"{patch.seed}.csv"
    before = seed.read_text("utf-8") if seed.is_file() else ""
    name = f"{place_in_repository(settings.seeds) or settings.seeds.name}/{seed.name}"
    difference = unified_diff(
        _lines(before),
        _lines(patch.added_to(before, header_of_seed(settings, patch.seed))),
        f"a/{name}" if before else "/dev/null",
        f"b/{name}",
    )
    cause = patch.cause
    ending, opening = counted(cause["n_ending"], "finding"), counted(cause["n_opening"], "new one")
    said = (
        f"Cause: {cause['cause_id']} ({cause['cause_title']})",
        f"Evidence: {cause['evidence']}; {counted(cause['n_findings'], 'finding')} on {patch.week}",
        f"Effect: ends {ending}, makes {opening}",
        f"Author: {patch.author}",
        "Approval: none yet. Run `git apply` on this file, fill in approved_by and approved_on,",
        "and open a pull request; `persona-access impact` shows what changes.",
        "",
    )
    file = settings.seeds / FOLDER / f"{_slug(cause['cause_id'])}.patch"
    # A line break of a feed could otherwise begin a change that `git apply` makes, too.
    write_atomically(file, "\n".join(map(printable, said)) + "\n" + "".join(difference))
    return file


def _lines(text: str) -> list[str]:
    """Split a text at line breaks only: git and CSV take other separators as part of a value."""
    return StringIO(text, newline="\n").readlines()


def _with_header(text: str, header: str) -> str:
    """Return the text of a seed to which lines can be added."""
    text = text or header
    return text if text.endswith("\n") else f"{text}\n"


def _as_line(columns: list[str], row: dict[str, str]) -> str:
    line = StringIO()
    writer = csv.DictWriter(line, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writerow(row)
    return line.getvalue()


def _slug(cause_id: str) -> str:
    return _NOT_IN_A_NAME.sub("-", cause_id.lower()).strip("-")
