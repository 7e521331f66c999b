"""The answers of three reviewers of the invented bank: every state of an answer occurs.

The answers are about the fixtures, whose BRIDs and findings do not depend on size or seed number.
Weeks count from 0; an answer is written two days after its list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from persona_access.base.files import write_atomically
from persona_access.base.list_codes import (
    ANSWER_COLUMNS,
    ATTESTATION,
    TICKET_COLUMNS,
    item_code,
)

_LEDGER = "general-ledger:certification:C-LEDGER"
_DAYS_AFTER_LIST = 2


@dataclass(frozen=True)
class _Answer:
    """One answered line. With `opened`, the item is excess access that the first week found."""

    week: int
    reviewer: str
    pair: str
    decision: str
    reason: str = ""
    keep_weeks: int = 0
    persona_id: str = ""
    new_reviewer: str = ""
    decided_by: str = ""
    list_week: int | None = None


# 1001 answers in time, 1005 late and in a workbook, 1009 about items that are only on 1001's list.
_ANSWERS = (
    _Answer(0, "1001", "1029:mortgage-desk", "revoke"),
    _Answer(0, "1001", "1090:mail", "keep", "The account is being registered", keep_weeks=3),
    _Answer(0, "1001", "1050:order-book", "keep", "Asked for by the desk", keep_weeks=8),
    _Answer(0, "1001", "1078:siem-console", "keep", "Covers for a colleague", keep_weeks=10),
    _Answer(0, "1001", "1077:payments-gateway", "wrong persona", persona_id="controller"),
    _Answer(0, "1001", "1090:customer-file", "not mine", new_reviewer="1005"),
    _Answer(0, "1001", ATTESTATION, "attest"),
    _Answer(0, "1009", "1050:order-book", "revoke"),
    _Answer(1, "1001", "1029:mortgage-desk", "revoke"),
    _Answer(1, "1001", f"1056:{_LEDGER}", "keep"),
    _Answer(1, "1001", f"1082:{_LEDGER}", "revoke"),
    _Answer(1, "1001", "1077:payments-gateway", "keep", "It is mine", 8, decided_by="1077"),
    _Answer(4, "1005", "1090:customer-file", "revoke", list_week=1),
)
_TICKETS = ((2, "1029:mortgage-desk", "RITM0010001", "Work in Progress"),
            (3, "1029:mortgage-desk", "RITM0010001", "Closed Complete"))  # fmt: skip


def write_answers(weeks: Sequence[date], drop_zone: Path, keys: Sequence[str]) -> list[Path]:
    """Write the answers to the lists of these weeks into the drop zone; returns the files.

    The first of `keys` creates the codes, as on the lists; without keys there are no codes.
    """
    key = next(iter(keys), None)
    files = []
    for number, week in enumerate(weeks):
        day = week + timedelta(days=_DAYS_AFTER_LIST)
        for reviewer in sorted({answer.reviewer for answer in _ANSWERS if answer.week == number}):
            rows = [
                _row(answer, weeks, key)
                for answer in _ANSWERS
                if (answer.week, answer.reviewer) == (number, reviewer)
            ]
            file = drop_zone / f"review_decisions_{reviewer}_{day}"
            files.append(_write(file, rows, is_workbook=reviewer == "1005"))
        tickets = list(_tickets(number, weeks))
        if tickets:
            file = drop_zone / f"review_decisions_tickets_servicenow_{day}"
            files.append(_write(file, tickets, is_workbook=False))
    return files


def _item(pair: str, weeks: Sequence[date]) -> str:
    if pair == ATTESTATION or "certification" in pair:
        return pair
    return f"{pair}:excess:{weeks[0]}"


def _row(answer: _Answer, weeks: Sequence[date], key: str | None) -> dict[str, str]:
    list_week = weeks[answer.week if answer.list_week is None else answer.list_week]
    item_id = _item(answer.pair, weeks)
    until = list_week + timedelta(days=7 * answer.keep_weeks)
    return {
        "item_id": item_id,
        "list_week": str(list_week),
        "reviewer_brid": answer.reviewer,
        "list_code": item_code(key, answer.reviewer, list_week, item_id) if key else "",
        "decision": answer.decision,
        "decision_reason": answer.reason,
        "keep_until": str(until) if answer.keep_weeks else "",
        "persona_id": answer.persona_id,
        "new_reviewer_brid": answer.new_reviewer,
        "decided_by": answer.decided_by,
    }


def _tickets(number: int, weeks: Sequence[date]) -> Iterator[dict[str, str]]:
    for week, pair, ticket, state in _TICKETS:
        if week == number:
            yield {"item_id": _item(pair, weeks), "ticket_number": ticket, "ticket_state": state}


def _write(stem: Path, rows: Sequence[dict[str, str]], *, is_workbook: bool) -> Path:
    columns = [*ANSWER_COLUMNS, *TICKET_COLUMNS]
    cells = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    if is_workbook:
        file = stem.with_name(f"{stem.name}.xlsx")
        with xlsxwriter.Workbook(str(file), {"in_memory": True}) as book:
            # Equal input gives equal bytes.
            book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001
            sheet = book.add_worksheet("Review decisions")
            for at, line in enumerate(cells):
                for column, value in enumerate(line):
                    sheet.write_string(at, column, value)
        return file
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(cells)
    file = stem.with_name(f"{stem.name}.csv")
    write_atomically(file, text.getvalue())
    return file
