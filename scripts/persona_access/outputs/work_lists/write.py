"""Write a work list for each reviewer: findings that are new since the last delivery.

`open_items.parquet` holds everything that is open, for machines and as the memory of what was
delivered: the next week's lists have what is not in it, and what it did not call overdue. A release
of the same week is compared with what the first one was, which `last_delivery.parquet` keeps.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from persona_access.base.queries import Record, ask
from persona_access.base.sql import statement
from persona_access.outputs.release.export import write_parquet
from persona_access.outputs.work_lists import words
from persona_access.outputs.work_lists.spreadsheet import Column, Value, write_csv, write_excel

OPEN_ITEMS = "open_items.parquet"
LAST_DELIVERY = "last_delivery.parquet"
DELIVERY = "delivery.json"
RECIPIENTS = "recipients.csv"
SILENT_APPLICATIONS = "silent_applications.csv"
NOBODY = "nobody"

COLUMNS = (
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
)

_RECIPIENT_COLUMNS = (
    Column("Recipient BRID", 12),
    Column("Name", 22),
    Column("Mail", 30),
    Column("Listed", 8),
    Column("New", 8),
    Column("Now overdue", 8),
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


@dataclass(frozen=True)
class _List:
    """The open findings of one recipient; `listed` are those on the list."""

    items: list[Record]

    @property
    def listed(self) -> list[Record]:
        return [item for item in self.items if item["listed_as"]]

    @property
    def earlier(self) -> list[Record]:
        return [item for item in self.items if not item["listed_as"]]

    @property
    def n_earlier_overdue(self) -> int:
        return sum(item["is_overdue"] for item in self.earlier)

    @property
    def recipient(self) -> str:
        return self.items[0]["recipient_brid"] or NOBODY

    @property
    def file(self) -> str:
        """Name of the files without their endings; of a list without lines there are none."""
        return f"work_list_{self.recipient}" if self.listed else ""

    def index_row(self) -> list[Value]:
        first = self.items[0]
        n_new = sum(item["listed_as"] == "new" for item in self.listed)
        return [
            self.recipient,
            first["recipient_name"],
            first["recipient_email"],
            len(self.listed),
            n_new,
            len(self.listed) - n_new,
            len(self.earlier),
            self.n_earlier_overdue,
            self.file,
        ]


def write_work_lists(marts: Path, out: Path, last: Path | None = None) -> None:
    """Write a list as CSV and as Excel for everybody who has something new to look at.

    `marts` is a folder of published marts; `last` the folder of the lists delivered before, without
    which everything open is new. `recipients.csv` says who gets what.
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
    for each in lists:
        if each.listed:
            _write_list(out, each, week["week"], baseline)
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
    known = f"read_parquet('{baseline.file}')" if baseline else f"{items} where false"
    query = statement(__package__, "items", items=items, known=known)
    write_parquet(connection, query, out / OPEN_ITEMS)


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


def _lists(connection: duckdb.DuckDBPyConnection, out: Path) -> Iterator[_List]:
    items = ask(connection, f"from read_parquet('{out / OPEN_ITEMS}')")
    for _, group in groupby(items, key=lambda item: item["recipient_brid"]):
        yield _List(list(group))


def _write_list(out: Path, each: _List, week: date, baseline: _Baseline | None) -> None:
    rows = [_row(item) for item in each.listed]
    name = each.items[0]["recipient_name"]
    title = f"Access to review: {f'{name} ({each.recipient})' if name else each.recipient}, {week}"
    write_csv(out / f"{each.file}.csv", COLUMNS, rows)
    notes = _notes(each, baseline)
    write_excel(out / f"{each.file}.xlsx", title, COLUMNS, rows, notes, week)


def _row(item: Record) -> list[Value]:
    return [
        words.LISTED_AS[item["listed_as"]],
        item["risk_level"].capitalize(),
        item["brid"],
        item["full_name"],
        item["application_id"],
        item["application_name"],
        item["finding_type"].capitalize(),
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
        words.ACTIONS[item["reconciliation_reason"]],
    ]


def _notes(each: _List, baseline: _Baseline | None) -> list[str]:
    compared = (
        f"Only what is new, or has become overdue, since the lists of {baseline.week}."
        if baseline
        else "These are the first lists: everything that is open is new."
    )
    earlier = (
        f"Still open from earlier lists, and not repeated here: {len(each.earlier)}, of which "
        f"{each.n_earlier_overdue} overdue."
    )
    return [compared, earlier, *words.NOTES]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
