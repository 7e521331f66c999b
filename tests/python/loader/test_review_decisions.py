"""Loading answers of reviewers: several files of a day, codes, and late files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pyexcelerate
import pytest
import xlsxwriter
import yaml

from loader_home import Home
from persona_access.base.contracts import normalise_name
from persona_access.base.list_codes import ANSWER_COLUMNS, TICKET_COLUMNS, item_code
from persona_access.outputs.work_lists.write import COLUMNS

KEY = "a key that is used in tests only".replace(" ", "-")
WEEK = date(2026, 10, 5)
ITEM = "1053:siem-console:excess:2026-09-28"
SOURCES = Path(__file__).resolve().parents[3] / "models/staging/reviews/_reviews__sources.yml"
HEADER = "item_id,list_week,reviewer_brid,list_code,decision\n"


def answer(
    item: str = ITEM, reviewer: str = "1003", decision: str = "revoke", *, key: str = KEY
) -> str:
    """Write one answered line with the code from that reviewer's list."""
    return f"{item},{WEEK},{reviewer},{item_code(key, reviewer, WEEK, item)},{decision}\n"


def by_xlsxwriter(file: Path, rows: Sequence[Sequence[str]]) -> None:
    with xlsxwriter.Workbook(str(file), {"in_memory": True}) as book:
        sheet = book.add_worksheet("Answers")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)


def by_openpyxl(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write as a stream, with the texts in the cells themselves."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Answers")
    for row in rows:
        sheet.append(row)
    book.save(file)


def by_pyexcelerate(file: Path, rows: Sequence[Sequence[str]]) -> None:
    book = pyexcelerate.Workbook()
    book.new_sheet("Answers", data=[list(row) for row in rows])
    book.save(str(file))


@pytest.fixture(autouse=True)
def list_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", KEY)


def hr(day: str) -> tuple[str, str]:
    """Return an HR file, which shows the loader that a week is loaded."""
    rows = "".join(f"{n},Person {n},active,L1,FIN\n" for n in range(1001, 1031))
    return f"hr_headcount_{day}.csv", (
        "brid,full_name,employment_status,management_level,cost_center\n" + rows
    )


def test_several_files_of_one_day_add_up(home: Home) -> None:
    home.drop("review_decisions_1003_2026-10-06.csv", HEADER + answer())
    home.drop("review_decisions_1004_2026-10-06.csv", HEADER + answer(reviewer="1004"))
    home.drop("review_decisions_2026-10-06.csv", HEADER + answer(reviewer="1005"))
    found = home.load()
    assert [file["outcome"] for file in found.files] == ["loaded"] * 3
    rows = home.rows("review_decisions", "reviewer_brid, version, code_state")
    assert sorted(row[0] for row in rows) == ["1003", "1004", "1005"]
    assert sorted(row[1] for row in rows) == [1, 2, 3]
    assert {row[2] for row in rows} == {"valid"}


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (answer(), "valid"),
        (answer(key="another key, which nobody gave out"), "invalid"),
        (answer().replace(",1003,", ",1004,"), "invalid"),
        (answer().replace("2026-10-05,", "2026-10-12,", 1), "invalid"),
        (answer().replace("siem-console", "vault"), "invalid"),
        (f"{ITEM},{WEEK},1003,,revoke\n", "invalid"),
        (answer().replace("revoke", "keep"), "valid"),
    ],
)
def test_a_code_proves_reviewer_week_and_item(home: Home, line: str, state: str) -> None:
    """The reviewer makes the decision, so it is not part of the code."""
    home.load_one("review_decisions_2026-10-06.csv", HEADER + line)
    assert home.rows("review_decisions", "code_state") == [(state,)]


def test_codes_of_a_key_that_was_replaced_still_count(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", f"a-new-key-of-the-tests {KEY}")
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    assert home.rows("review_decisions", "code_state") == [("valid",)]


def test_without_a_key_nothing_is_called_valid(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_LIST_KEY")
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    assert home.rows("review_decisions", "code_state") == [("unchecked",)]


def test_a_replayed_file_is_loaded_once_whatever_its_name(home: Home) -> None:
    home.load_one("review_decisions_2026-10-06.csv", HEADER + answer())
    again = home.load_one("review_decisions_1003_2026-10-13.csv", HEADER + answer())
    assert again["outcome"] == "unchanged"
    assert len(home.rows("review_decisions")) == 1


def test_an_answer_that_is_late_for_a_loaded_week_counts_from_the_next_day(home: Home) -> None:
    home.load_one(*hr("2026-10-12"))
    found = home.load_one("review_decisions_2026-10-08.csv", HEADER + answer())
    assert found["outcome"] == "loaded"
    assert "counts from 2026-10-13 on" in found["notes"][0]
    assert home.rows("review_decisions", "extract_date") == [(date(2026, 10, 13),)]


def test_an_answer_that_is_in_time_keeps_its_date(home: Home) -> None:
    home.drop(*hr("2026-10-12"))
    home.drop("review_decisions_2026-10-08.csv", HEADER + answer())
    home.drop("review_decisions_2026-10-12.csv", HEADER + answer(reviewer="1004"))
    assert home.load().exit_code == 0
    assert home.rows("review_decisions", "extract_date") == [
        (date(2026, 10, 8),),
        (date(2026, 10, 12),),
    ]


def test_words_outside_the_vocabulary_are_quarantined_with_their_line(home: Home) -> None:
    lines = answer() + answer(reviewer="1004") + answer(decision="perhaps")
    found = home.load_one("review_decisions_2026-10-06.csv", HEADER + lines)
    assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (2, 1)
    assert home.quarantine("row_number, column_name, value, reason") == [
        (4, "decision", "perhaps", "value_not_accepted")
    ]


@pytest.mark.parametrize(
    ("written", "is_read"),
    [
        ("2026-10-06T09:30:00Z", True),
        ("2026-10-06 09:30:00.5+02:00", True),
        ("2026-10-06", True),
        ("06/10/2026 09:30:00", False),
        ("2026-13-45T09:30:00", False),
        ("2026-02-30T09:30:00", False),
        ("2026-10-06 25:61:00", False),
        ("2026-10-06T24:00:00", False),
        ("2026-10-06 09:30:00 PM", False),
        ("yesterday at nine o'clock", False),
    ],
)
def test_a_time_that_no_engine_can_read_stays_outside(
    home: Home, written: str, *, is_read: bool
) -> None:
    """One such line would block every build; the answer itself counts."""
    line = f"{answer().strip()},{written}\n"
    found = home.load_one("review_decisions_2026-10-06.csv", f"{HEADER.strip()},decided_at\n{line}")
    assert found["n_rows_loaded"] == 1
    assert home.rows("review_decisions", "decision, decided_at") == [
        ("revoke", written if is_read else None)
    ]
    reasons = [] if is_read else [("time_unreadable",)]
    assert home.quarantine("reason") == reasons


def test_an_answer_of_the_day_of_a_loaded_week_counts_from_the_next_day(home: Home) -> None:
    """The build of that week makes the list of that day, so it must not read its answer."""
    home.load_one(*hr("2026-10-12"))
    home.load_one("review_decisions_2026-10-12.csv", HEADER + answer())
    assert home.rows("review_decisions", "extract_date") == [(date(2026, 10, 13),)]


def test_a_file_cannot_say_itself_that_its_codes_are_genuine(home: Home) -> None:
    for spelling in ("code_state", "CODE_STATE"):
        lines = f"{ITEM},{WEEK},1003,forged,revoke,valid\n"
        home.drop(
            f"review_decisions_{spelling}_2026-10-06.csv", f"{HEADER.strip()},{spelling}\n{lines}"
        )
    home.load()
    assert home.rows("review_decisions", "code_state") == [("invalid",)] * 2


def test_a_file_cannot_bring_any_column_that_the_loader_adds(home: Home) -> None:
    """Read from the contract, so that the test covers new columns, too."""
    declared = yaml.safe_load(SOURCES.read_text("utf-8"))["sources"][0]["tables"][0]["columns"]
    added = [
        column["name"]
        for column in declared
        if ((column.get("config") or {}).get("meta") or {}).get("is_added_by_loader")
    ]
    assert [column["name"] for column in declared if column["name"] not in added] == [
        *ANSWER_COLUMNS,
        *TICKET_COLUMNS,
    ]
    assert "code_state" in added
    line = ",".join([answer().strip(), *("forged" for _ in added)])
    home.load_one(
        "review_decisions_2026-10-06.csv", f"{HEADER.strip()},{','.join(added)}\n{line}\n"
    )
    (row,) = home.rows("review_decisions", ", ".join(added))
    assert "forged" not in row


def test_codes_that_were_moved_to_other_lines_prove_nothing(home: Home) -> None:
    """The result when somebody sorts one column of a list without the others."""
    items = [f"{n}:vault:excess:2026-09-28" for n in range(1, 6)]
    codes = [item_code(KEY, "1003", WEEK, item) for item in items]
    lines = [
        f"{item},{WEEK},1003,{code},revoke\n"
        for item, code in zip(items, [*codes[1:], codes[0]], strict=True)
    ]
    home.load_one("review_decisions_2026-10-06.csv", HEADER + "".join(lines))
    assert home.rows("review_decisions", "code_state") == [("invalid",)] * 5


def test_a_file_that_was_cut_anywhere_says_nothing_that_the_whole_one_does_not(home: Home) -> None:
    """Each cut is a delivery: every line of it that counts is a line of the whole file."""
    header = (
        "item_id,list_week,reviewer_brid,list_code,decision,decision_reason,keep_until,persona_id,"
        "new_reviewer_brid,decided_by,decided_at"
    )
    lines = [
        f"{item},{WEEK},1003,{item_code(KEY, '1003', WEEK, item)},{said}"
        for item, said in (
            (ITEM, 'keep,"Covers, as agreed",2026-12-11,,,1013,2026-10-06T09:30:00Z'),
            (ITEM.replace("1053", "1054"), "not mine,,,,1005,1013,2026-10-06T09:30:15Z"),
        )
    ]
    whole = "\r\n".join([header, *lines]).encode()
    # Through every column of the last line, and once through the first.
    for cut in (len(header) + 30, *range(len(whole) - 75, len(whole), 7)):
        home.drop(f"review_decisions_{cut}_2026-10-06.csv", whole[:cut])
    home.drop("review_decisions_whole_2026-10-06.csv", whole + b"\r\n")
    found = home.load()
    columns = ", ".join(header.split(",")[:-1])
    allowed = {
        row
        for row in home.rows("review_decisions", f"{columns}, file_name")
        if row[-1] == "review_decisions_whole_2026-10-06.csv"
    }
    counted = home.rows("review_decisions", f"{columns}, file_name, code_state")
    said = {row[:-2] for row in counted if row[-1] == "valid" and row[4]}
    assert said <= {row[:-1] for row in allowed}
    assert len(allowed) == 2
    assert {file["outcome"] for file in found.files} > {"loaded"}
    assert all(
        file["outcome"] != "loaded"
        or file["n_rows_read"] == file["n_rows_loaded"] + file["n_rows_quarantined"]
        for file in found.files
    )


def test_half_a_workbook_is_refused_whole(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "answers.xlsx"
    by_xlsxwriter(file, [HEADER.strip().split(","), answer().strip().split(",")])
    whole = file.read_bytes()
    for part in (2, 3, 10):
        home.drop(f"review_decisions_{part}_2026-10-06.xlsx", whole[: len(whole) // part])
    assert {found["outcome"] for found in home.load().files} == {"refused"}
    assert home.load_one("review_decisions_2026-10-06.xlsx", whole)["outcome"] == "loaded"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_answers_on_a_hidden_sheet_are_refused(home: Home, tmp_path: Path, state: str) -> None:
    book = openpyxl.Workbook()
    names, said = HEADER.strip().split(","), answer().strip().split(",")
    for sheet, decision in ((book.active, ""), (book.create_sheet("Below"), "keep")):
        sheet.append(names)
        sheet.append([*said[:-1], decision])
    book["Below"].sheet_state = state
    book.save(tmp_path / "answers.xlsx")
    content = (tmp_path / "answers.xlsx").read_bytes()
    found = home.load_one("review_decisions_2026-10-06.xlsx", content)
    assert found["outcome"] == "refused"
    assert "hidden sheet 'Below'" in str(found)


@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl, by_pyexcelerate])
def test_a_workbook_counts_whatever_library_wrote_it(
    home: Home, write: Callable[[Path, Sequence[Sequence[str]]], None]
) -> None:
    """With the columns in another order, with other capitals, and with unknown columns."""
    said = dict(
        zip(HEADER.strip().split(","), answer(decision="Keep").strip().split(","), strict=True)
    )
    said |= {"My notes": "1+1", "keep_until": "2026-12-11", "decision_reason": "Übergabe ✓"}
    names = sorted(said, reverse=True)
    write(home.drop_zone / "review_decisions_2026-10-06.xlsx", [names, [said[n] for n in names]])
    assert home.load().only["outcome"] == "loaded"
    assert home.rows("review_decisions", "decision, keep_until, decision_reason, code_state") == [
        ("Keep", "2026-12-11", "Übergabe ✓", "valid")
    ]


def by_open_document(
    rows: Sequence[str], *, display: str = "true", before: Sequence[str] = ()
) -> bytes:
    """Write an OpenDocument spreadsheet of rows in its XML, after sheets in `before`."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    tables = [*before, f'<table:table table:name="A" table:style-name="t">{"".join(rows)}']
    body = "".join(f"{table}</table:table>" for table in tables)
    content = (
        f"<office:document-content{spaces}><office:automatic-styles>"
        f'<style:style style:name="t" style:family="table"><style:table-properties '
        f'table:display="{display}"/></style:style></office:automatic-styles><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return file.getvalue()


def open_row(*cells: str, times: int = 1) -> str:
    """Write one row of texts; a cell that begins with a bracket is XML already."""
    written = (
        cell
        if cell.startswith("<")
        else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
        "</table:table-cell>"
        for cell in cells
    )
    repeated = f' table:number-rows-repeated="{times}"'
    return f"<table:table-row{repeated}>{''.join(written)}</table:table-row>"


def open_cell(kind: str, value: str, shown: str, more: str = "") -> str:
    attribute = "date-value" if kind == "date" else "value"
    return (
        f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}" {more}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def test_an_open_document_counts_as_it_is_shown(home: Home) -> None:
    """Days, BRIDs as numbers, leading zeros, notes beside a cell, repeated rows."""
    names = [*KEPT_HEADER.strip().split(";"), "new_reviewer_brid", "decided_at"]
    said = answer(decision="keep").strip().split(",")
    week = open_cell("date", f"{WEEK}T00:00:00", "05/10/26")
    until = open_cell("date", "2026-12-11", "11.12.26")
    time = open_cell("date", "2026-10-06T09:30:00", "6 Oct")
    noted = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>Why?</text:p>'
        "</office:annotation><text:p>Needed, as agreed</text:p></table:table-cell>"
    )
    reviewer = open_cell("float", "1003", "1,003")
    other = open_cell("float", "1005", "0001005")
    rows = [
        open_row("Fill in the yellow cells"),
        open_row("", times=2),
        open_row(*names),
        open_row(said[0], week, reviewer, said[3], "keep", noted, until, other, time),
        open_row("", times=1_000_000),
    ]
    found = home.load_one("review_decisions_1003_2026-10-06.ods", by_open_document(rows))
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 1), found
    columns = "list_week, reviewer_brid, decision_reason, keep_until, new_reviewer_brid, decided_at"
    assert home.rows("review_decisions", f"{columns}, code_state, row_number") == [
        (
            "2026-10-05", "1003", "Needed, as agreed", "2026-12-11", "0001005",
            "2026-10-06 09:30:00", "valid", 5,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (by_open_document([open_row("item_id")], display="false"), "hidden sheet"),
        (
            by_open_document([open_row("item_id", open_cell("float", "1" * 20, "1"))]),
            "Cell B1 of sheet 'A' contains the whole number 11111111111111111111",
        ),
        (
            by_open_document(
                [open_row("item_id", open_cell("string", "", "#N/A", 'table:formula="of:=NA()"'))]
            ),
            "Cell B1 of sheet 'A' contains an error such as #N/A",
        ),
        (by_open_document([open_row("item_id"), open_row("x", times=3_000_000)]), ""),
        (by_open_document([open_row("item_id")])[:-90], "not a valid"),
    ],
)
def test_an_open_document_in_doubt_is_refused(home: Home, content: bytes, sentence: str) -> None:
    found = home.load_one("review_decisions_1003_2026-10-06.ods", content)
    assert found["outcome"] == "refused"
    assert sentence in found["sentence"]


def test_an_open_document_with_a_value_for_several_rows_is_refused(home: Home) -> None:
    value = (
        '<table:table-cell office:value-type="string" table:number-rows-spanned="2">'
        "<text:p>p</text:p></table:table-cell>"
    )
    rows = [
        open_row("brid", "persona_id"),
        open_row("X1", value),
        open_row("X2", "<table:covered-table-cell/>"),
    ]
    found = home.load_one("persona_members_2026-10-05.ods", by_open_document(rows))
    assert found["outcome"] == "refused"
    assert "Cell B2 of sheet 'A' is merged across rows" in found["sentence"]


def kept(written: str, until: str, n: int = 1053) -> str:
    """Write a kept item as a spreadsheet saves it, with the week and the last day by its rules."""
    item = f"{n}:siem-console:excess:2026-09-28"
    code = item_code(KEY, "1003", WEEK, item)
    return ";".join((item, written, "1003", code, "keep", "needed", until)) + "\r\n"


KEPT_HEADER = "item_id;list_week;reviewer_brid;list_code;decision;decision_reason;keep_until\r\n"


@pytest.mark.parametrize(
    ("week", "until", "is_read"),
    [
        ("05.10.2026", "11.12.2026", True),
        ("5/10/2026", "11/12/2026", True),
        ("05-10-2026", "11-12-2026", True),
        ("2026/10/05", "2026/12/11", True),
        ("2026-10-05", "11.12.2026", True),
        # The code proves that the month comes first.
        ("10/5/2026", "12/11/2026", True),
        ("2026-10-05", "12/11/2026", False),
        ("10/5/2026", "soon", False),
    ],
)
def test_a_list_that_excel_saved_as_csv_comes_back(
    home: Home, week: str, until: str, *, is_read: bool
) -> None:
    """Excel writes dates in the format of its country; the code shows which week is meant."""
    lines = kept(week, "", 1054) + kept(week, "", 1055) + kept(week, until)
    found = home.load_one("review_decisions_1003_2026-10-06.csv", KEPT_HEADER + lines)
    assert found["outcome"] == "loaded", found
    assert ("Dates in the format" in str(found["notes"])) == (week != "2026-10-05" or is_read)
    last = [("2026-10-05", "2026-12-11", "valid")] if is_read else []
    nothing_said = [("2026-10-05", None, "valid")] * 2
    assert home.rows("review_decisions", "list_week, keep_until, code_state") == nothing_said + last
    assert home.quarantine("value, reason") == ([] if is_read else [(until, "date_unreadable")])


def test_without_a_key_a_date_that_can_mean_two_days_means_none(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_LIST_KEY")
    both = home.load_one(
        "review_decisions_1_2026-10-06.csv", KEPT_HEADER + kept("05/10/2026", "11/12/2026")
    )
    assert both["outcome"] == "refused"
    one = home.load_one(
        "review_decisions_2_2026-10-06.csv", KEPT_HEADER + kept("05/10/2026", "21/12/2026")
    )
    assert one["outcome"] == "loaded"
    assert home.rows("review_decisions", "list_week, keep_until") == [("2026-10-05", "2026-12-21")]


def test_what_spreadsheets_make_of_values_is_read_or_on_record(home: Home) -> None:
    """Numbers for BRIDs, days with a time, truth values, numbers for days, merged, filtered."""
    names = [*KEPT_HEADER.strip().split(";"), "persona_id", "new_reviewer_brid", "decided_by"]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Fill in the yellow cells"])
    sheet.append(names)

    def line(n: int, decision: object, **more: object) -> None:
        item = f"{n}:vault:excess:2026-09-28"
        said: dict[str, object] = {
            "item_id": item, "list_week": str(WEEK), "reviewer_brid": "1003",
            "list_code": item_code(KEY, "1003", WEEK, item), "decision": decision, **more,
        }  # fmt: skip
        sheet.append([said.get(column) for column in names])

    line(1, "Revoke ", list_week=WEEK, reviewer_brid=1003, decided_by=1013.0)
    line(2, "keep", decision_reason=True, keep_until=date(2026, 12, 11))
    line(3, "not mine", new_reviewer_brid="0001005")
    line(4, "wrong persona", persona_id=7)
    line(5, "keep", decision_reason="needed", keep_until=46367)
    line(6, True)
    # Only the first of merged cells has a value; the others have no answer.
    line(7, "revoke")
    line(8, None)
    sheet.merge_cells("E9:E10")
    # A line that a filter hides is still a line.
    line(9, "REVOKE")
    sheet.auto_filter.ref = f"A2:J{sheet.max_row}"
    sheet.row_dimensions[sheet.max_row].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.save(home.drop_zone / "review_decisions_1003_2026-10-06.xlsx")
    assert home.load().only["outcome"] == "loaded"
    said = "item_id[:1], decision, keep_until, persona_id, new_reviewer_brid, decided_by"
    assert home.rows("review_decisions", said) == [
        ("1", "Revoke", None, None, None, "1013"),
        ("2", "keep", "2026-12-11", None, None, None),
        ("3", "not mine", None, None, "0001005", None),
        ("4", "wrong persona", None, "7", None, None),
        ("7", "revoke", None, None, None, None),
        ("8", None, None, None, None, None),
        ("9", "REVOKE", None, None, None, None),
    ]
    assert set(home.rows("review_decisions", "code_state")) == {("valid",)}
    assert home.quarantine("value, reason") == [
        ("46367", "date_unreadable"),
        ("true", "value_not_accepted"),
    ]


def test_lines_that_were_sorted_without_their_codes_prove_nothing(home: Home) -> None:
    """Each line has the code of its id, and shows the person of another."""
    ids = [f"{brid}:vault:excess:2026-09-28" for brid in ("1", "2", "3", "4")]
    lines = [answer(item).strip() for item in ids]
    shown = [("2", "vault"), ("1", "Vault"), ("3", "vault"), ("00004", "'vault")]
    text = HEADER.strip() + ",BRID,Name,Application ID\n"
    text += "".join(
        f"{line},{brid},N,{application}\n"
        for line, (brid, application) in zip(lines, shown, strict=True)
    )
    loaded = home.load_one("review_decisions_1003_2026-10-06.csv", text)
    assert loaded["outcome"] == "loaded"
    assert [state for (state,) in home.rows("review_decisions", "code_state")] == [
        "invalid", "invalid", "valid", "valid",
    ]  # fmt: skip


def test_columns_of_our_own_lists_are_not_reported(home: Home) -> None:
    """They are not in the contract, but only another column is news."""
    columns = [column.caption for column in COLUMNS]
    at = {normalise_name(caption): index for index, caption in enumerate(columns)}
    line = [""] * len(columns)
    for name, value in zip(HEADER.strip().split(","), answer().strip().split(","), strict=True):
        line[at[normalise_name(name)]] = value
    text = f"{','.join(columns)}\n{','.join(line)}\n"
    assert home.load_one("review_decisions_a_2026-10-06.csv", text)["notes"] == []
    text = f"{','.join(columns)},Note\n{','.join(line)},n\n"
    (told,) = home.load_one("review_decisions_b_2026-10-06.csv", text)["notes"]
    assert "Column 'Note' is not in the contract" in told


def test_a_file_that_decides_nothing_is_refused(home: Home) -> None:
    """Without the column, every answer of a list would count as missing."""
    lines = HEADER.replace(",decision", ",verdict") + answer()
    found = home.load_one("review_decisions_2026-10-06.csv", lines)
    assert found["outcome"] == "refused"
    assert "column 'decision' is missing" in found["sentence"]
    marked = "\u00ef\u00bb\u00bf" + HEADER + answer()
    found = home.load_one("review_decisions_2026-10-07.csv", marked)
    assert "opened and saved in another character set" in found["sentence"]
