"""Write a work list for each reviewer: items that need an answer now, and all open items.

`open_items.parquet` has all open items, for programs and as the record of the delivery: the lists
of the next week show items that are not in it, or that were not overdue in it. A second release of
the same week is compared with the same delivery as the first one, which `last_delivery.parquet`
keeps.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from persona_access.base.list_codes import ATTESTATION, item_code, item_code_in_sql
from persona_access.base.printable import MAY_BE_FORMULA, harmless
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
# Position of the column Reason, which has the sentence to sign.
_REASON = 13

# The first columns are for the reviewer: empty, except for the delegate who decides.
_OPEN_COLUMNS = (
    Column("Decision", 14),
    Column("Decision reason", 26),
    Column("Keep until", 11),
    Column("Persona ID", 14),
    Column("New reviewer BRID", 11),
    Column("Decided by", 11),
)
N_OPEN_COLUMNS = len(_OPEN_COLUMNS)
_DECIDED_BY = N_OPEN_COLUMNS - 1
# The others, by name in the table `lines`.
_SHOWN = {
    "why_listed": Column("Why listed", 12),
    "risk": Column("Risk", 9),
    "brid": Column("BRID", 12),
    "full_name": Column("Name", 22),
    "application_id": Column("Application ID", 18),
    "application_name": Column("Application", 22),
    "kind_shown": Column("Kind", 9),
    "reason": Column("Reason", 44),
    "persona_ids": Column("Personas concerned", 20),
    "peers": Column("Peers", 34),
    "opened_date": Column("Opened", 11),
    "age_days": Column("Age in days", 8),
    "due_date": Column("Due", 11),
    "overdue": Column("Overdue", 9),
    "privileged": Column("Privileged", 10),
    "last_used_date": Column("Last used", 11),
    "role_text": Column("You see it as", 16),
    "action": Column("What to do", 40),
    "cause_title": Column("Cause", 40),
    "decided_so_far": Column("Decided so far", 30),
    "item_id": Column("Item ID", 22),
    "list_week": Column("List week", 11),
    "reviewer_brid": Column("Reviewer BRID", 11),
    "list_code": Column("List code", 26),
}
COLUMNS = (*_OPEN_COLUMNS, *_SHOWN.values())
# Text of feeds and decisions.
_FROM_FEEDS = {
    *("brid", "full_name", "application_id", "application_name", "reason", "persona_ids", "peers"),
    *("cause_title", "item_id", "reviewer_brid", "decided_by"),
}
_SHEETS = ("To review", "Still open", "Certification")
# Nobody decides more lines in a spreadsheet; the page decides thousands of similar lines at once.
WORKBOOK_LINES = 1_000
# Their texts take about 100 MB.
_LINES_AT_ONCE = 50_000
_ANSWERS = Answers(
    instruction=words.INSTRUCTION,
    open_columns=[column.caption for column in _OPEN_COLUMNS],
    decision="Decision",
    reason="Decision reason",
    reasons=words.WHY_KEPT,
    until="Keep until",
)

_RECIPIENT_COLUMNS = (
    "Recipient BRID",
    "Name",
    "Mail",
    "For reviewer",
    "Listed",
    "New",
    "Now overdue",
    "Look again",
    "To certify",
    "Still open from before",
    "Of these overdue",
    "File",
)

# What the owner of an application, and of a rule of duties, gets: caption by column of the mart.
_SILENT = {
    "reviewer_brid": "Owner BRID",
    "application_id": "Application ID",
    "application_name": "Application",
    "last_reported_date": "Last in the registry",
    "n_days_silent": "Days silent",
    "n_suspended": "Findings that wait",
    "n_missing": "People who should hold it",
}
_DUTIES = {
    "owner_brid": "Owner BRID",
    "sod_rule_name": "Rule",
    "severity": "Severity",
    "brid": "BRID",
    "held_of_a": "Holds of side a",
    "held_of_b": "Holds of side b",
    "is_by_design": "By design",
    "violation_state": "State",
    "mitigating_control": "Control",
    "mitigated_until": "Control ends",
    "opened_date": "Since",
}


def write_work_lists(
    marts: Path, out: Path, last: Path | None = None, keys: Sequence[str] = ()
) -> None:
    """Write a list as CSV, as Excel and as a page for everybody who has an item to decide.

    `marts` is a folder of published marts. `last` is the folder of the previously delivered lists;
    without it, every open item is new. With the first of `keys`, each line gets its code.
    `recipients.csv` lists the recipients and their files.
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
        _write_silent_applications(connection, marts, out)
        write_duties(connection, marts, out)
        recipients = _read_lines(connection, out / OPEN_ITEMS, next(iter(keys), None))
        lists = [_List(recipient, baseline) for recipient in recipients]
        _write_lists(connection, out, lists, next(iter(keys), None))
    write_csv(out / RECIPIENTS, _RECIPIENT_COLUMNS, [each.index_row() for each in lists])


@dataclass(frozen=True)
class _Baseline:
    """The items that were open at an earlier delivery."""

    file: Path
    week: date


def _baseline(last: Path | None, week: date) -> _Baseline | None:
    """Find the newest delivery of an earlier week; a release of this week can contain a copy."""
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
    # Without earlier lists, nothing was delivered: no row of the items themselves.
    known = _known(connection, baseline.file) if baseline else f"{items} where false"
    query = statement(
        __package__, "items", items=items, known=known, worst_first=worst_first("risk_level")
    )
    write_parquet(connection, query, out / OPEN_ITEMS)


def _known(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Return SQL for the earlier delivery; lists of release 0.1.0 had only findings."""
    columns = {str(row[0]) for row in connection.sql(f"describe from '{file}'").fetchall()}
    older = {"item_id": "finding_id", "reviewer_brid": "recipient_brid"}
    added = "".join(f", {old} as {new}" for new, old in older.items() if new not in columns)
    return f"(select *{added} from read_parquet('{file}'))"  # noqa: S608


def _write_silent_applications(
    connection: duckdb.DuckDBPyConnection, marts: Path, out: Path
) -> None:
    """Write one line for each application that the registry no longer lists, for its owner."""
    order = "order by reviewer_brid nulls last, application_id"
    _write_for_owners(
        connection, marts / "fct_silent_applications.parquet", order,
        out / SILENT_APPLICATIONS, _SILENT, lambda _: words.SILENT_ACTION,
    )  # fmt: skip


def write_duties(connection: duckdb.DuckDBPyConnection, marts: Path, out: Path) -> None:
    """Write one line for each violation of segregation of duties, for the owner of the rule."""
    open_ones = "and violation_state <> 'closed'"
    order = f"order by owner_brid nulls last, {worst_first('severity')}, sod_rule_id, brid"
    _write_for_owners(
        connection, marts / "fct_sod_violations.parquet", f"{open_ones} {order}",
        out / DUTIES, _DUTIES, words.duty_action,
    )  # fmt: skip


def _write_for_owners(
    connection: duckdb.DuckDBPyConnection,
    mart: Path,
    rest: str,
    out: Path,
    captions: Mapping[str, str],
    action: Callable[[Record], str],
) -> None:
    """Write the rows of a mart for the week of these marts, if it was published.

    The first column is the owner, the last is what to do.
    """
    if not mart.is_file():
        return
    weeks = f"(select as_of_date from read_parquet('{mart.parent}/dim_employees.parquet'))"  # noqa: S608
    query = f"select * from read_parquet('{mart}') where as_of_date in {weeks} {rest}"  # noqa: S608
    rows = [
        [owner or NOBODY, *map(_shown_value, shown), action(item)]
        for item in ask(connection, query)
        for owner, *shown in [[item[name] for name in captions]]
    ]
    write_csv(out, [*captions.values(), "What to do"], rows)


@dataclass(frozen=True)
class _List:
    """The list of one recipient: a row of the table `recipients`."""

    about: Record
    baseline: _Baseline | None

    @property
    def recipient(self) -> str:
        return str(self.about["recipient"])

    @property
    def week(self) -> date:
        week: date = self.about["as_of_date"]
        return week

    @property
    def is_answered(self) -> bool:
        """Whether a person exists who can answer the list."""
        return self.recipient != NOBODY

    @property
    def reviewer(self) -> str:
        """The reviewer in whose name the list is answered."""
        return str(self.about["answered_for"] or NOBODY)

    @property
    def delegate(self) -> str | None:
        """The delegate who answers instead of the reviewer."""
        return str(self.about["told_brid"]) if self.about["is_delegate"] else None

    @property
    def file(self) -> str:
        """The file name without its ending: that of a delivery, so that answers can be loaded."""
        if not self.about["is_sent"]:
            return ""
        if not self.is_answered:
            return "work_list_nobody"
        return f"review_decisions_{self.recipient}_{self.week}"

    @property
    def title(self) -> str:
        who = _named(self.about["recipient_name"], self.about["told_brid"] or NOBODY)
        instead = f" for {self._reviewer_named}" if self.delegate else ""
        return f"Access to review: {who}{instead}, {self.week}"

    @property
    def _reviewer_named(self) -> str:
        return _named(self.about["reviewer_name"], self.reviewer)

    def index_row(self) -> list[Value]:
        counts = ("listed", "new", "now_overdue", "again", "to_certify", "earlier")
        return [
            self.about["told_brid"] or NOBODY,
            self.about["recipient_name"],
            self.about["recipient_email"],
            self.reviewer if self.delegate else None,
            *(self.about[f"n_{name}"] for name in counts),
            self.about["n_earlier_overdue"],
            self.file,
        ]

    def attestation(self, key: str | None) -> list[Value]:
        """Return the line that signs the whole list."""
        said: list[Value] = [None] * (len(COLUMNS) - 4)
        said[_REASON] = words.ATTESTATION
        said[_DECIDED_BY] = self.delegate
        code = item_code(key, self.reviewer, self.week, ATTESTATION, self.delegate) if key else None
        return [*said, ATTESTATION, self.week.isoformat(), self.reviewer, code]

    def notes(self) -> list[str]:
        compared = (
            f"Only items that are new or became overdue since the lists of {self.baseline.week}."
            if self.baseline
            else "These are the first lists: everything that is open is new."
        )
        earlier = (
            f"Still open from earlier lists, on a sheet of its own: {self.about['n_earlier']}, of "
            f"which {self.about['n_earlier_overdue']} overdue."
        )
        notes = [compared, earlier, *words.NOTES]
        if not self.delegate:
            return notes
        first, last = self.about["delegated_from"], self.about["delegated_to"]
        days = " ".join(
            f"{word} {day}" for word, day in (("from", first), ("until", last)) if day is not None
        )
        stands_in = words.STANDS_IN.format(who=self._reviewer_named, days=days or "from now on")
        return [stands_in, *notes]


def _read_lines(
    connection: duckdb.DuckDBPyConnection, items: Path, key: str | None
) -> list[Record]:
    """Write the items as the table `lines`, sum them up as `recipients`, and return these."""
    connection.execute("create temp table words (topic varchar, value varchar, text varchar)")
    connection.executemany("insert into words values (?, ?, ?)", words.by_topic())
    of_line = ("upper(reviewer_brid)", "as_of_date", "item_id")
    code = item_code_in_sql(key, *of_line) if key else "null"
    delegate_code = item_code_in_sql(key, *of_line, "upper(recipient_brid)") if key else "null"
    connection.execute(
        statement(__package__, "lines", code=code, delegate_code=delegate_code),
        {"items": str(items)},
    )
    by_batch = {"lines_at_once": _LINES_AT_ONCE}
    connection.execute(statement(__package__, "recipients"), by_batch)
    return ask(connection, "from recipients")


def _write_lists(
    connection: duckdb.DuckDBPyConnection, out: Path, lists: Sequence[_List], key: str | None
) -> None:
    """Write the lists, one batch of recipients at a time."""
    connection.create_function("harmless", harmless, ["VARCHAR"], "VARCHAR")
    cells = ["'\"\"'"] * _DECIDED_BY + [_cell(name) for name in ("decided_by", *_SHOWN)]
    texts = statement(__package__, "texts", cells=f"concat_ws(',', {', '.join(cells)})")
    urgent = statement(__package__, "urgent")
    sent = {each.recipient: each for each in lists if each.file}
    for batch in sorted({each.about["batch"] for each in sent.values()}):
        of_batch = {"batch": batch}
        for row in ask(connection, texts, of_batch):
            _write_texts(out, sent[row["recipient"]], row, key)
        lines = ask(connection, urgent, of_batch | {"n_most": WORKBOOK_LINES})
        for recipient, group in groupby(lines, key=lambda line: line["recipient"]):
            _write_workbook(out, sent[recipient], list(group), key)


def _cell(name: str) -> str:
    """Return SQL for a quoted value that no spreadsheet computes."""
    text = f"cast({name} as varchar)"
    if name in _FROM_FEEDS:
        text = f"if(regexp_matches({name}, '{MAY_BE_FORMULA}'), harmless({name}), {name})"
    return f"""'"' || replace(coalesce({text}, ''), '"', '""') || '"'"""


def _write_texts(out: Path, each: _List, texts: Record, key: str | None) -> None:
    """Write the CSV file and the page, which hold all lines."""
    with (out / f"{each.file}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow([column.caption for column in COLUMNS])
        stream.write(f"{texts['first_rows']}\r\n")
        if each.is_answered:
            writer.writerow(each.attestation(key))
        if texts["other_rows"]:
            stream.write(f"{texts['other_rows']}\r\n")
    if each.is_answered:
        page = out / f"{each.file}.html"
        signed = str(each.attestation(key)[-1] or "")
        write_page(
            page, each.title, each.reviewer, each.delegate, each.week, f"[{texts['items']}]", signed
        )


def _write_workbook(out: Path, each: _List, lines: Sequence[Record], key: str | None) -> None:
    """Write the workbook, which holds the most urgent lines."""
    is_whole = len(lines) == each.about["n_lines"]
    sheets: list[Sheet] = []
    for section, group in groupby(lines, key=lambda line: line["section"]):
        of_sheet = list(group)
        rows: list[list[Value]] = [
            [*[None] * _DECIDED_BY, *(line[name] for name in ("decided_by", *_SHOWN))]
            for line in of_sheet
        ]
        choices = [words.DECISIONS[line["kind"]] for line in of_sheet]
        # A reviewer must not sign lines that are not shown.
        if is_whole and each.is_answered and not sheets:
            rows.append(each.attestation(key))
            choices.append(words.DECISIONS["attestation"])
        sheets.append(Sheet(_SHEETS[section], rows, choices))
    instruction = words.INSTRUCTION
    if not is_whole:
        instruction += words.MORE_LINES.format(len(lines), each.about["n_lines"], each.file)
    answers = replace(_ANSWERS, instruction=instruction) if each.is_answered else None
    file = out / f"{each.file}.xlsx"
    write_excel(file, each.title, COLUMNS, sheets, each.notes(), each.week, answers)


def _named(name: str | None, brid: str) -> str:
    return f"{name} ({brid})" if name else brid


def _shown_value(value: Value) -> Value:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
