"""Write a work list for each reviewer: what needs an answer now, and all that is still open.

`open_items.parquet` holds everything that is open, for machines and as the memory of what was
delivered: the next week's lists have what is not in it, and what it did not call overdue. A release
of the same week is compared with what the first one was, which `last_delivery.parquet` keeps.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from persona_access.base.list_codes import ATTESTATION, item_code
from persona_access.base.queries import Record, ask, worst_first
from persona_access.base.sql import statement
from persona_access.outputs.release.export import write_parquet
from persona_access.outputs.work_lists import words
from persona_access.outputs.work_lists.page import write_page
from persona_access.outputs.work_lists.spreadsheet import (
    Answers,
    Column,
    Sheet,
    Value,
    write_csv,
    write_excel,
)

OPEN_ITEMS = "open_items.parquet"
LAST_DELIVERY = "last_delivery.parquet"
DELIVERY = "delivery.json"
RECIPIENTS = "recipients.csv"
SILENT_APPLICATIONS = "silent_applications.csv"
DUTIES = "segregation_of_duties.csv"
NOBODY = "nobody"
# Place of the column Reason, where the sentence that is signed stands.
_REASON = 13

COLUMNS = (
    Column("Decision", 14),
    Column("Decision reason", 26),
    Column("Keep until", 11),
    Column("Persona ID", 14),
    Column("New reviewer BRID", 11),
    Column("Decided by", 11),
    Column("Why listed", 12),
    Column("Risk", 9),
    Column("BRID", 12),
    Column("Name", 22),
    Column("Application ID", 18),
    Column("Application", 22),
    Column("Kind", 9),
    Column("Reason", 44),
    Column("Personas concerned", 20),
    Column("Peers", 34),
    Column("Opened", 11),
    Column("Age in days", 8),
    Column("Due", 11),
    Column("Overdue", 9),
    Column("Privileged", 10),
    Column("Last used", 11),
    Column("You see it as", 16),
    Column("What to do", 40),
    Column("Cause", 40),
    Column("Decided so far", 30),
    Column("Item ID", 22),
    Column("List week", 11),
    Column("Reviewer BRID", 11),
    Column("List code", 26),
)
# The first columns are empty: they are the reviewer's.
N_OPEN_COLUMNS = 6
_ANSWERS = Answers(
    instruction=words.INSTRUCTION,
    open_columns=[column.caption for column in COLUMNS[:N_OPEN_COLUMNS]],
    decision="Decision",
    reason="Decision reason",
    reasons=words.WHY_KEPT,
    until="Keep until",
)

_RECIPIENT_COLUMNS = (
    Column("Recipient BRID", 12),
    Column("Name", 22),
    Column("Mail", 30),
    Column("Listed", 8),
    Column("New", 8),
    Column("Now overdue", 8),
    Column("Look again", 8),
    Column("To certify", 8),
    Column("Still open from before", 8),
    Column("Of these overdue", 8),
    Column("File", 30),
)

_SILENT_COLUMNS = (
    Column("Owner BRID", 12),
    Column("Application ID", 18),
    Column("Application", 22),
    Column("Last in the registry", 11),
    Column("Days silent", 8),
    Column("Findings that wait", 8),
    Column("People who should hold it", 8),
    Column("What to do", 40),
)

_DUTY_COLUMNS = (
    Column("Owner BRID", 12),
    Column("Rule", 30),
    Column("Severity", 9),
    Column("BRID", 12),
    Column("Holds of side a", 30),
    Column("Holds of side b", 30),
    Column("By design", 9),
    Column("State", 10),
    Column("Control", 22),
    Column("Control ends", 11),
    Column("Since", 11),
    Column("What to do", 40),
)


@dataclass(frozen=True)
class _List:
    """The items of one recipient; `listed` are the findings that need an answer now."""

    items: list[Record]

    @property
    def listed(self) -> list[Record]:
        return [item for item in self._findings if item["listed_as"]]

    @property
    def earlier(self) -> list[Record]:
        return [item for item in self._findings if not item["listed_as"]]

    @property
    def certified(self) -> list[Record]:
        return [item for item in self.items if item["item_kind"] == "certification"]

    @property
    def _findings(self) -> list[Record]:
        return [item for item in self.items if item["item_kind"] == "finding"]

    @property
    def n_earlier_overdue(self) -> int:
        return sum(item["is_overdue"] for item in self.earlier)

    @property
    def recipient(self) -> str:
        return self.items[0]["recipient_brid"] or NOBODY

    @property
    def week(self) -> date:
        week: date = self.items[0]["as_of_date"]
        return week

    @property
    def is_sent(self) -> bool:
        """Whether there is something that needs an answer now."""
        return bool(self.listed) or any(not item["decision"] for item in self.certified)

    @property
    def file(self) -> str:
        """Name of the files without their endings: that of a delivery, so that they come back."""
        if not self.is_sent:
            return ""
        if self.recipient == NOBODY:
            return "work_list_nobody"
        return f"review_decisions_{self.recipient}_{self.week}"

    def index_row(self) -> list[Value]:
        first = self.items[0]
        n_listed = Counter(item["listed_as"] for item in self.listed)
        return [
            self.recipient,
            first["recipient_name"],
            first["recipient_email"],
            len(self.listed),
            n_listed["new"],
            n_listed["overdue"],
            n_listed["again"],
            sum(not item["decision"] for item in self.certified),
            len(self.earlier),
            self.n_earlier_overdue,
            self.file,
        ]


def write_work_lists(
    marts: Path, out: Path, last: Path | None = None, keys: Sequence[str] = ()
) -> None:
    """Write a list as CSV, as Excel and as a page for everybody who has something to decide.

    `marts` is a folder of published marts; `last` the folder of the lists delivered before, without
    which everything open is new; with the first of `keys` each line gets its code. `recipients.csv`
    says who gets what.
    """
    with duckdb.connect() as connection:
        (week,) = ask(
            connection,
            f"select max(as_of_date) as week from read_parquet('{marts}/dim_employees.parquet')",  # noqa: S608
        )
        baseline = _baseline(last, week["week"])
        _write_open_items(connection, marts, out, baseline)
        about = {"as_of_date": str(week["week"]), "compared_with": None}
        if baseline:
            shutil.copyfile(baseline.file, out / LAST_DELIVERY)
            about["compared_with"] = str(baseline.week)
        (out / DELIVERY).write_text(json.dumps(about, indent=2) + "\n", "utf-8")
        lists = list(_lists(connection, out))
        _write_silent_applications(connection, marts, out)
        write_duties(connection, marts, out)
    for each in lists:
        if each.is_sent:
            _write_list(out, each, baseline, next(iter(keys), None))
    write_csv(out / RECIPIENTS, _RECIPIENT_COLUMNS, [each.index_row() for each in lists])


@dataclass(frozen=True)
class _Baseline:
    """What was open at an earlier delivery."""

    file: Path
    week: date


def _baseline(last: Path | None, week: date) -> _Baseline | None:
    """Find the newest delivery of an earlier week, which a release of this week may pass on."""
    if last is None:
        return None
    about = json.loads((last / DELIVERY).read_text("utf-8"))
    if about["as_of_date"] < str(week):
        return _Baseline(last / OPEN_ITEMS, date.fromisoformat(about["as_of_date"]))
    if about["compared_with"]:
        return _Baseline(last / LAST_DELIVERY, date.fromisoformat(about["compared_with"]))
    return None


def _write_open_items(
    connection: duckdb.DuckDBPyConnection, marts: Path, out: Path, baseline: _Baseline | None
) -> None:
    items = f"read_parquet('{marts}/rpt_work_list_items.parquet')"
    # Without earlier lists nothing is known: no row of the items themselves.
    known = _known(connection, baseline.file) if baseline else f"{items} where false"
    query = statement(
        __package__, "items", items=items, known=known, worst_first=worst_first("risk_level")
    )
    write_parquet(connection, query, out / OPEN_ITEMS)


def _known(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Return SQL for what was delivered before; lists of release 0.1.0 had findings alone."""
    columns = {str(row[0]) for row in connection.sql(f"describe from '{file}'").fetchall()}
    if "item_id" in columns:
        return f"read_parquet('{file}')"
    return f"(select *, finding_id as item_id from read_parquet('{file}'))"  # noqa: S608


def _write_silent_applications(
    connection: duckdb.DuckDBPyConnection, marts: Path, out: Path
) -> None:
    """Write one line for each application that the registry no longer names, for its owner."""
    mart = marts / "fct_silent_applications.parquet"
    if not mart.is_file():
        return
    silent = ask(
        connection,
        f"""
        select * from read_parquet('{mart}')
        where as_of_date in (select as_of_date from read_parquet('{marts}/dim_employees.parquet'))
        order by reviewer_brid nulls last, application_id
        """,  # noqa: S608
    )
    rows: list[list[Value]] = [
        [
            item["reviewer_brid"] or NOBODY,
            item["application_id"],
            item["application_name"],
            item["last_reported_date"],
            item["n_days_silent"],
            item["n_suspended"],
            item["n_missing"],
            words.SILENT_ACTION,
        ]
        for item in silent
    ]
    write_csv(out / SILENT_APPLICATIONS, _SILENT_COLUMNS, rows)


def write_duties(connection: duckdb.DuckDBPyConnection, marts: Path, out: Path) -> None:
    """Write one line for each violation of segregation of duties, for the owner of the rule."""
    mart = marts / "fct_sod_violations.parquet"
    if not mart.is_file():
        return
    violations = ask(
        connection,
        f"""
        select * from read_parquet('{mart}')
        where
            as_of_date in (select as_of_date from read_parquet('{marts}/dim_employees.parquet'))
            and violation_state <> 'closed'
        order by
            owner_brid nulls last,
            {worst_first("severity")},
            sod_rule_id,
            brid
        """,  # noqa: S608
    )
    rows: list[list[Value]] = [
        [
            item["owner_brid"] or NOBODY,
            item["sod_rule_name"],
            item["severity"],
            item["brid"],
            item["held_of_a"],
            item["held_of_b"],
            _yes_or_no(item["is_by_design"]),
            item["violation_state"],
            item["mitigating_control"],
            item["mitigated_until"],
            item["opened_date"],
            words.duty_action(item),
        ]
        for item in violations
    ]
    write_csv(out / DUTIES, _DUTY_COLUMNS, rows)


def _lists(connection: duckdb.DuckDBPyConnection, out: Path) -> Iterator[_List]:
    items = ask(connection, f"from read_parquet('{out / OPEN_ITEMS}')")
    for _, group in groupby(items, key=lambda item: item["recipient_brid"]):
        yield _List(list(group))


def _write_list(out: Path, each: _List, baseline: _Baseline | None, key: str | None) -> None:
    name = each.items[0]["recipient_name"]
    who = f"{name} ({each.recipient})" if name else each.recipient
    title = f"Access to review: {who}, {each.week}"
    parts = {
        "To review": each.listed,
        "Still open": each.earlier,
        "Certification": each.certified,
    }
    sheets = [
        Sheet(sheet, [_row(item, key) for item in items], [choices(item) for item in items])
        for sheet, items in parts.items()
        if items
    ]
    is_answered = each.recipient != NOBODY
    if is_answered:
        first = sheets[0]
        sheets[0] = Sheet(
            first.name,
            [*first.rows, _attestation(each, key)],
            [*first.choices, words.DECISIONS["attestation"]],
        )
    rows = [row for sheet in sheets for row in sheet.rows]
    write_csv(out / f"{each.file}.csv", COLUMNS, rows)
    notes = _notes(each, baseline)
    answers = _ANSWERS if is_answered else None
    write_excel(out / f"{each.file}.xlsx", title, COLUMNS, sheets, notes, each.week, answers)
    if is_answered:
        lines = [*each.listed, *each.earlier, *each.certified]
        write_page(out / f"{each.file}.html", title, each.recipient, each.week, lines, key)


def choices(item: Record) -> list[str]:
    """Return the decisions that an item allows."""
    if item["item_kind"] == "certification":
        return words.DECISIONS["certification"]
    return words.DECISIONS[item["finding_type"]]


def _row(item: Record, key: str | None) -> list[Value]:
    return [
        *[None] * N_OPEN_COLUMNS,
        words.LISTED_AS[item["listed_as"]],
        item["risk_level"].capitalize(),
        item["brid"],
        item["full_name"],
        item["application_id"],
        item["application_name"],
        (item["finding_type"] or item["item_kind"]).capitalize(),
        words.reason(item),
        item["persona_ids"],
        words.peers(item),
        item["opened_date"],
        item["age_days"],
        item["due_date"],
        _yes_or_no(item["is_overdue"]),
        _yes_or_no(item["is_privileged"]),
        item["last_used_date"],
        words.ROLES[item["recipient_role"]],
        words.action(item),
        item["cause_title"],
        words.decided_so_far(item),
        *_identity(item["item_id"], item["recipient_brid"], item["as_of_date"], key),
    ]


def _attestation(each: _List, key: str | None) -> list[Value]:
    said: list[Value] = [None] * (len(COLUMNS) - 4)
    said[_REASON] = words.ATTESTATION
    return [*said, *_identity(ATTESTATION, each.recipient, each.week, key)]


def _identity(item_id: str, reviewer: str | None, week: date, key: str | None) -> list[Value]:
    """Return what proves where an answer comes from."""
    if reviewer is None:
        return [item_id, week.isoformat(), None, None]
    code = item_code(key, reviewer, week, item_id) if key else None
    return [item_id, week.isoformat(), reviewer, code]


def _notes(each: _List, baseline: _Baseline | None) -> list[str]:
    compared = (
        f"Only what is new, or has become overdue, since the lists of {baseline.week}."
        if baseline
        else "These are the first lists: everything that is open is new."
    )
    earlier = (
        f"Still open from earlier lists, on a sheet of its own: {len(each.earlier)}, of which "
        f"{each.n_earlier_overdue} overdue."
    )
    return [compared, earlier, *words.NOTES]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
