"""Deliveries of sources with a feed mapping: place of the date, names, drift."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from loader_home import Home

HR = """
source: payroll
feed: hr_headcount
author: a.analyst
files: {pattern: "Payroll %Y-%m-%d.csv"}
columns:
  brid: Employee ID
  full_name: Name
  employment_status: {from: Status, values: {A: active, T: terminated}}
  management_level: Mgmt Level
  cost_center: Cost Ctr
"""
HEADER = "Employee ID,Name,Status,Mgmt Level,Cost Ctr\n"
ROWS = "".join(f"{1000 + n},Name {n},A,L1,C1\n" for n in range(40))


@pytest.fixture
def feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide an empty folder of feed mappings."""
    folder = tmp_path / "feeds"
    folder.mkdir()
    monkeypatch.setenv("PERSONA_ACCESS_FEEDS", str(folder))
    return folder


def declare(feeds: Path, text: str, **changes: str) -> None:
    """Write a mapping; `changes` replace whole lines by their key."""
    lines = [
        next(
            (f"{key}: {value}" for key, value in changes.items() if line.startswith(f"{key}:")),
            line,
        )
        for line in text.strip().splitlines()
    ]
    source = next(line for line in lines if line.startswith("source:")).split()[1]
    (feeds / f"{source}.yml").write_text("\n".join(lines) + "\n", "utf-8")


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    """Write a workbook of texts."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()


def table(text: str) -> list[list[str]]:
    """Return the cells of plain CSV."""
    return [line.split(",") for line in text.splitlines()]


TITLED = (
    '{pattern: "Headcount*", date: {from: title, line: 1, regex: "as of (.*)$", dates: "%d %B %Y"}}'
)


def test_the_date_of_a_title_counts(home: Home, feeds: Path) -> None:
    declare(feeds, HR + "table: {header_row: 3}", files=TITLED)
    found = home.load_one("Headcount.csv", f"Report as of 5 October 2026\n\n{HEADER}{ROWS}")
    assert (found["outcome"], found["extract_date"]) == ("loaded", "2026-10-05"), found
    cells = [["Report as of 12 October 2026"], [], *table(HEADER + ROWS)]
    found = home.load_one("Headcount.xlsx", workbook({"Sheet1": cells}))
    assert (found["outcome"], found["extract_date"]) == ("loaded", "2026-10-12"), found


def test_a_title_without_a_date_is_refused_by_name(home: Home, feeds: Path) -> None:
    declare(feeds, HR + "table: {header_row: 3}", files=TITLED)
    found = home.load_one("Headcount.csv", f"Report\n\n{HEADER}{ROWS}")
    assert found["outcome"] == "refused"
    assert "has the extract date in line 1, which is 'Report'" in found["sentence"]


def test_two_files_of_two_weeks_load_in_the_order_of_the_dates_in_them(
    home: Home, feeds: Path
) -> None:
    where = '{from: column, column: Snapshot, dates: "%Y%m%d"}'
    declare(feeds, HR, files=f'{{pattern: "HC*.csv", date: {where}}}')
    for name, day in (("HC a.csv", "20261012"), ("HC b.csv", "20261005")):
        rows = "".join(f"{line},{day}\n" for line in ROWS.splitlines())
        home.drop(name, HEADER.strip() + ",Snapshot\n" + rows)
    loaded = [(file["extract_date"], file["outcome"]) for file in home.load().files]
    assert loaded == [("2026-10-05", "loaded"), ("2026-10-12", "loaded")]


def test_a_column_of_several_dates_is_refused(home: Home, feeds: Path) -> None:
    where = '{from: column, column: Snapshot, dates: "%Y%m%d"}'
    declare(feeds, HR, files=f'{{pattern: "HC*.csv", date: {where}}}')
    rows = "1,A B,A,L1,C1,20261005\n2,C D,A,L1,C1,20261006\n"
    found = home.load_one("HC.csv", HEADER.strip() + ",Snapshot\n" + rows)
    assert "Column 'Snapshot' has 2026-10-05, 2026-10-06" in found["sentence"]


def test_the_date_of_the_folder_counts(home: Home, feeds: Path) -> None:
    declare(feeds, HR, files='{pattern: "%Y-%m-%d/HR.csv"}')
    for week in ("2026-10-05", "2026-10-12"):
        (home.drop_zone / week).mkdir()
        (home.drop_zone / week / "HR.csv").write_text(f"{HEADER}{ROWS}9,{week},A,L1,C1\n", "utf-8")
    loaded = [(file["extract_date"], file["outcome"]) for file in home.load().files]
    assert loaded == [("2026-10-05", "loaded"), ("2026-10-12", "loaded")]
    assert home.load().files == []


def test_folders_in_folders_are_read_as_the_pattern_names_them(home: Home, feeds: Path) -> None:
    declare(feeds, HR, files='{pattern: "hr/%Y/*/headcount_%m-%d.csv"}')
    for place in ("hr/2026/emea", "hr/2026/x/y", "it/2026/emea"):
        (home.drop_zone / place).mkdir(parents=True)
        (home.drop_zone / place / "headcount_10-05.csv").write_text(HEADER + ROWS, "utf-8")
    found = {(file["file_name"], file["outcome"]) for file in home.load().files}
    assert found == {("headcount_10-05.csv", "loaded"), ("y", "skipped"), ("it", "skipped")}


@pytest.mark.parametrize("is_declared", [False, True], ids=["the only member", "named"])
def test_a_zip_is_read_by_its_one_member(home: Home, feeds: Path, is_declared: bool) -> None:
    table_says = 'table: {member: "data/*.csv"}' if is_declared else ""
    declare(feeds, HR + table_says, files='{pattern: "Payroll %Y-%m-%d.zip"}')
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("data/x.csv", HEADER + ROWS)
        if is_declared:
            archive.writestr("README.txt", "nothing")
    found = home.load_one("Payroll 2026-10-05.zip", content.getvalue())
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40), found


def test_lines_above_the_header_of_export_csv_are_left_out(home: Home, feeds: Path) -> None:
    declare(feeds, HR + "table: {header_row: 2}")
    found = home.load_one("Payroll 2026-10-05.csv", f"#TYPE Selected.User\n{HEADER}{ROWS}")
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40), found


def test_an_application_is_looked_up_by_its_name(home: Home, feeds: Path) -> None:
    registry = "application_id,application_name,brid\nAPP-1,General Ledger,1\nAPP-2,Wiki,1\n"
    registry += "APP-3,Twin,1\nAPP-4,Twin,1\n"
    home.drop("iam_app_registry_2026-10-05.csv", registry)
    text = """
source: personas
feed: persona_list
author: a.analyst
files: {pattern: "Personas %Y-%m-%d.csv"}
columns:
  persona_id: Persona
  persona_name: Persona
  application_id: {from: Application, lookup: application_name}
  requirement: Need
"""
    declare(feeds, text)
    rows = "P1, general LEDGER,mandatory\nP1,Twin,optional\nP1,New,optional\n"
    home.drop("Personas 2026-10-05.csv", f"Persona,Application,Need\n{rows}")
    assert {file["outcome"] for file in home.load().files} == {"loaded"}
    landed = "read_parquet('{raw}/persona_list/*/version=1/*')"
    found = home.query(f"select application_id from {landed} order by 1")
    assert found == [("APP-1",), ("New",), ("Twin",)]


def test_a_renamed_column_is_refused_with_its_likeliest_new_name(home: Home, feeds: Path) -> None:
    declare(feeds, HR)
    text = (HEADER + ROWS).replace("Mgmt Level", "Management Lvl", 1)
    found = home.load_one("Payroll 2026-10-05.csv", text)
    assert found["outcome"] == "refused"
    assert (
        "lacks what feeds/payroll.yml reads: management_level from 'Mgmt Level' "
        "(most likely 'Management Lvl' now)"
    ) in found["sentence"]


def test_a_new_code_is_named_once_with_what_to_do(home: Home, feeds: Path) -> None:
    declare(feeds, HR)
    text = HEADER + ROWS + "1,A B,S,L1,C1\n2,C D,S,L1,C1\n"
    found = home.load_one("Payroll 2026-10-05.csv", text)
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", 2), found
    (note,) = [note for note in found["notes"] if "new" in note]
    assert note == (
        "employment_status has a new word: 'S'. Quarantined: 2 rows. Declare the meaning below "
        "columns.employment_status.values in feeds/payroll.yml: active, on leave, terminated, "
        "future. Then put the file back into the drop zone."
    )


DATED = '  hire_date: {from: Hired, dates: "%m/%d/%Y"}\nignore: [Site]\n'
TITLES = "Employee ID,Name,Status,Mgmt Level,Cost Ctr,Hired,Site\n"
PEOPLE = "".join(
    f"{1000 + n},Name {n},A,L1,C1,{n % 12 + 1:02}/{n % 28 + 1:02}/2020,Leeds\n" for n in range(40)
)
MATRIX = """
source: x
feed: iam_app_registry
author: a.analyst
files: {pattern: "x"}
columns:
  brid: Emp
unpivot: {columns: [app-1, app-2], name_to: application_id, held: [X]}
"""
LISTED = MATRIX.replace(
    "unpivot: {columns: [app-1, app-2], name_to: application_id, held: [X]}\n",
    '  application_id: {from: Apps, split: ";"}\n',
)
FIXED = LISTED.replace('{from: Apps, split: ";"}', "GROUP").replace("Emp", "USERID") + (
    "table: {header_row: 2, fixed_width: {USERID: [1, 10], GROUP: [11, 12]}}\n"
)
CONNECTS = "".join(f"{1000 + n:<10}APP{n % 3}\n" for n in range(30))


def by_cell(text: str, change: Callable[[list[str]], list[str]]) -> str:
    """Change the cells of each line of plain CSV."""
    return "".join(",".join(change(cells)) + "\n" for cells in table(text))


# Drift: the mapping, the file, its outcome, and the message.
DRIFTS: dict[str, tuple[str, str | bytes, str, str]] = {
    "renamed": (
        HR + DATED, TITLES.replace("Cost Ctr", "CC Code") + PEOPLE, "refused",
        "cost_center from 'Cost Ctr' (perhaps 'CC Code', the only column that is new)",
    ),
    "gone": (
        HR + DATED, by_cell(TITLES + PEOPLE, lambda cells: cells[:5] + cells[6:]), "refused",
        "lacks what feeds/gone.yml reads: hire_date from 'Hired'",
    ),
    "reordered": (HR + DATED, by_cell(TITLES + PEOPLE, lambda c: c[::-1]), "loaded", "40 rows"),
    "twice": (
        HR + DATED, by_cell(TITLES + PEOPLE, lambda cells: [*cells, cells[2]]), "refused",
        "'Status', which feeds/twice.yml reads, is delivered again as 'Status (column 8)'",
    ),
    "twice_decided": (
        HR + DATED.replace("[Site]", "[Site, Status (column 8)]"),
        by_cell(TITLES + PEOPLE, lambda cells: [*cells, cells[2]]), "loaded", "40 rows",
    ),
    "day_first": (
        HR + DATED,
        TITLES + by_cell(PEOPLE, lambda c: [*c[:5], f"{c[5][3:5]}/{c[5][:2]}/2020", c[6]]),
        "refused", "16 of 40 dates of hire_date have the day first, such as '13/01/2020'",
    ),
    "semicolons": (HR + DATED, (TITLES + PEOPLE).replace(",", ";"), "loaded", "40 rows"),
    "semicolons_declared": (
        HR + DATED + 'table: {delimiter: ","}\n', (TITLES + PEOPLE).replace(",", ";"), "refused",
        "the columns are separated by ';', not ','",
    ),
    "title_appears": (
        HR + DATED, f"Headcount\n\n{TITLES}{PEOPLE}", "refused", "the header is on line 3, not 1",
    ),
    "title_gone": (
        HR + DATED + "table: {header_row: 3}\n", TITLES + PEOPLE, "refused",
        "the header is on line 1, not 3",
    ),
    "labels_gone": (
        HR + DATED + "table: {label_rows: 1}\n", TITLES + PEOPLE, "refused",
        "The row below the header contains data ('1000')",
    ),
    "utf_16": (
        HR + DATED, (TITLES + PEOPLE).encode("utf-16"), "refused",
        "write encoding: utf-16 below table in feeds/utf_16.yml",
    ),
    "other_codes": (
        HR + DATED, TITLES + PEOPLE.replace(",A,", ",1,"), "refused",
        "`persona-access onboard --check` shows what to change in feeds/other_codes.yml",
    ),
    "undated": (
        HR + "  hire_date: Hired\nignore: [Site]\n", TITLES + PEOPLE, "refused",
        "Declare its format below columns.hire_date in feeds/undated.yml (for a date: dates)",
    ),
    "empty": (
        HR + DATED, TITLES + PEOPLE.replace(",C1,", ",,"), "loaded",
        "cost_center is empty on every row: ask the source",
    ),
    "other_marks": (
        MATRIX, "Emp,app-1,app-2\n" + "1,X,W\n" * 30, "refused",
        "30 cells with 'W', which unpivot of feeds/other_marks.yml does not declare",
    ),
    "a_mark": (
        MATRIX, "Emp,app-1,app-2\n1,,W\n" + "2,X,n\n" * 30, "loaded",
        "1 cell with 'W', which unpivot of feeds/a_mark.yml does not declare",
    ),
    "lost_application": (
        MATRIX, "Emp,app-1\n1,X\n2,X\n", "refused", "No delivered column matches app-2",
    ),
    "bars": (
        LISTED, "Emp,Apps\n" + "".join(f"{n},a|b\n" for n in range(30)), "refused",
        "No value of 'Apps' has ';', at which the mapping splits, and 30 of 30 have '|'",
    ),
    "moved_columns": (
        FIXED, "USERID      GROUP\n" + "".join(f"{n:<12}APP1\n" for n in range(30)), "refused",
        "Column 'GROUP' begins at position 13, and the mapping reads it from 11 to 12",
    ),
    "moved_header": (
        FIXED, f"CONNECTS\nUSERID    GROUP\n{CONNECTS}", "refused",
        "Line 2 has the column names, and the mapping has rows from line 2 on",
    ),
}  # fmt: skip


def test_what_a_source_changes_is_named_and_nothing_is_read_wrong(home: Home, feeds: Path) -> None:
    for source, (mapping, content, _, _) in DRIFTS.items():
        declare(feeds, mapping, source=source, files=f'{{pattern: "{source} %Y-%m-%d.csv"}}')
        home.drop(f"{source} 2026-10-05.csv", content)
    found = {file["file_name"].split()[0]: file for file in home.load().files}
    outcomes = {source: file["outcome"] for source, file in found.items()}
    assert outcomes == {source: outcome for source, (_, _, outcome, _) in DRIFTS.items()}
    untold = {
        source: found[source]["sentence"]
        for source, (_, _, _, sentence) in DRIFTS.items()
        if sentence not in " ".join([found[source]["sentence"], *found[source]["notes"]])
    }
    assert untold == {}


REGIONS = {"EMEA": 30, "APAC": 12, "AMER": 4}


def regional(*gone: str) -> dict[str, list[list[str]]]:
    """Return a sheet of people for each region that is not gone."""
    head = HEADER.strip().split(",")
    return {
        region: [
            head,
            *([f"{start + n}", f"Name {n}", "A", "L1", f"C-{region}"] for n in range(n_rows)),
        ]
        for start, (region, n_rows) in zip((1000, 2000, 3000), REGIONS.items(), strict=True)
        if region not in gone
    }


def test_a_lost_region_is_named(home: Home, feeds: Path) -> None:
    files = '{pattern: "Payroll %Y-%m-%d.xlsx"}'
    declare(
        feeds, HR + 'table: {sheets: ["*"]}\nattributes: {region: {sheet_name: true}}', files=files
    )
    home.load_one("Payroll 2026-10-05.xlsx", workbook(regional()))
    found = home.load_one("Payroll 2026-10-12.xlsx", workbook(regional("APAC", "AMER")))
    asked = (
        "came with the last file and not with this one: ask the source whether a part is missing."
    )
    assert [note for note in found["notes"] if "came with" in note] == [
        f"cost_center 'C-APAC' (12 rows) {asked}",
        f"region 'APAC' (12 rows) {asked}",
    ]
    declare(feeds, HR + 'table: {sheets: ["*"]}', files=files)
    home.load_one("Payroll 2026-10-14.xlsx", workbook(regional()))
    found = home.load_one("Payroll 2026-10-15.xlsx", workbook(regional("AMER")))
    assert [note for note in found["notes"] if "came with" in note] == [
        f"Sheet 'AMER' (4 rows) {asked}"
    ]
    again = home.load_one("Payroll 2026-10-19.xlsx", workbook(regional("AMER")))
    assert not [note for note in again["notes"] if "came with" in note]


def test_a_lost_application_of_a_matrix_is_named(home: Home, feeds: Path) -> None:
    declare(
        feeds,
        MATRIX.replace("app-1, app-2", "app-*"),
        source="m",
        files='{pattern: "m %Y-%m-%d.csv"}',
    )
    home.load_one("m 2026-10-05.csv", "Emp,app-1,app-2\n1,X,X\n")
    found = home.load_one("m 2026-10-12.csv", "Emp,app-1\n1,X\n")
    assert "'app-2', which unpivot of feeds/m.yml reads, came with the last file" in " ".join(
        found["notes"]
    )


def test_a_name_that_no_source_has_tells_the_likeliest(home: Home, feeds: Path) -> None:
    declare(feeds, HR)
    found = home.load_one("Payroll 05-10-2026 (1).csv", HEADER + ROWS)
    assert (
        "if it belongs to payroll, give it a name that matches files.pattern of feeds/payroll.yml"
        in found["sentence"]
    )


NAMELESS = "table: {names: [Employee ID, Name, Status, Mgmt Level, Cost Ctr]}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ROWS, "loaded"),
        (HEADER + ROWS, "Line 1 looks like a header (Employee ID, Name, Status, Mgmt Level, ...)"),
        (ROWS.replace(",L1,", ",L1,FT,"), "Line 1 has 6 fields, and table.names has 5"),
    ],
    ids=["as declared", "a header comes", "a column more"],
)
def test_a_file_without_a_header_is_read_by_its_declared_names(
    home: Home, feeds: Path, text: str, sentence: str
) -> None:
    declare(feeds, HR + NAMELESS)
    found = home.load_one("Payroll 2026-10-05.csv", text)
    if sentence == "loaded":
        assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40), found
        assert home.rows("hr_headcount", "row_number, brid")[0] == (1, "1000")
    else:
        assert found["outcome"] == "refused"
        assert sentence in found["sentence"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "loaded"),
        ([HEADER.strip().split(",")], "Row 1 of sheet 'Staff' looks like a header (Employee ID,"),
        ([["1", "Name", "A", "L1", "C1", "FT"]], "Row 1 of sheet 'Staff' has 6 fields"),
    ],
    ids=["as declared", "a header comes", "a column more"],
)
def test_a_sheet_without_a_header_is_read_by_its_declared_names(
    home: Home, feeds: Path, rows: list[list[str]], sentence: str
) -> None:
    declare(feeds, HR + NAMELESS, files='{pattern: "Payroll %Y-%m-%d.xlsx"}')
    people = [line.split(",") for line in ROWS.splitlines()]
    # A column without any value this week is still a column.
    people = [[brid, "", *others] for brid, _, *others in people]
    found = home.load_one("Payroll 2026-10-05.xlsx", workbook({"Staff": [*rows, *people]}))
    if sentence == "loaded":
        assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40), found
        columns = "row_number, brid, full_name, cost_center"
        assert home.rows("hr_headcount", columns)[0] == (1, "1000", None, "C1")
    else:
        assert found["outcome"] == "refused"
        assert sentence in found["sentence"]


def test_any_other_word_has_a_meaning_where_the_mapping_gives_it_one(
    home: Home, feeds: Path
) -> None:
    values = "  employment_status: {from: Status, values: {T: terminated}, otherwise: active}\n"
    was = "  employment_status: {from: Status, values: {A: active, T: terminated}}\n"
    assert was in HR
    declare(feeds, HR.replace(was, values))
    rows = ROWS.replace(",A,", ",T,", 1).replace(",A,", ",Z,", 1).replace(",A,", ",,", 1)
    home.load_one("Payroll 2026-10-05.csv", HEADER + rows)
    # An empty value stays empty.
    statuses = [status for (status,) in home.rows("hr_headcount", "employment_status")]
    assert statuses == ["terminated", "active", None] + ["active"] * 37


@pytest.mark.parametrize("does", ["tell", "refuse"])
def test_a_new_sheet_is_named_and_the_week_goes_on_as_declared(
    home: Home, feeds: Path, does: str
) -> None:
    says = f"table: {{sheets: [Retail], ignore_sheets: [Notes], new_sheets: {does}}}"
    declare(feeds, HR + says, files='{pattern: "Payroll %Y-%m-%d.xlsx"}')
    cells = table(HEADER + ROWS)
    sheets = {"Retail": cells, "Notes": [["read me"]], "Wealth": cells}
    found = home.load_one("Payroll 2026-10-05.xlsx", workbook(sheets))
    told = found["sentence"] if does == "refuse" else " ".join(found["notes"])
    assert found["outcome"] == ("refused" if does == "refuse" else "loaded"), found
    assert "Sheet 'Wealth' is not named in feeds/payroll.yml" in told


@pytest.mark.parametrize("does", ["tell", "refuse"])
def test_a_new_column_is_named_and_the_week_goes_on_as_declared(
    home: Home, feeds: Path, does: str
) -> None:
    declare(feeds, f"{HR}new_columns: {does}")
    rows = "".join(f"{line},3\n" for line in ROWS.splitlines())
    found = home.load_one("Payroll 2026-10-05.csv", f"{HEADER.strip()},Floor\n{rows}")
    told = found["sentence"] if does == "refuse" else " ".join(found["notes"])
    assert found["outcome"] == ("refused" if does == "refuse" else "loaded"), found
    assert "'Floor'" in told
    assert "ignore" in told


def test_a_file_of_two_sources_is_nobodys(home: Home, feeds: Path) -> None:
    declare(feeds, HR)
    declare(feeds, HR, source="other", files='{pattern: "*%Y-%m-%d.csv"}')
    found = home.load_one("Payroll 2026-10-05.csv", HEADER + ROWS)
    assert found["outcome"] == "skipped"
    assert "matches the patterns of other and payroll" in found["sentence"]


def test_the_same_file_is_read_again_by_a_changed_mapping(home: Home, feeds: Path) -> None:
    declare(feeds, HR)
    file = "Payroll 2026-10-05.csv"
    assert home.load_one(file, HEADER + ROWS)["outcome"] == "loaded"
    assert home.load_one(file, HEADER + ROWS)["outcome"] == "unchanged"
    declare(feeds, HR + "attributes: {room: Name}")
    found = home.load_one(file, HEADER + ROWS)
    assert (found["outcome"], found["version"]) == ("loaded", 2), found
    kept = home.query(
        "select distinct attributes from read_parquet('{raw}/hr_headcount/*/version=2/*') "
        "order by 1 limit 1"
    )
    assert kept == [('{"room":"Name 0"}',)]
    assert len(list((home.raw / "feed_mappings").glob("*.yml"))) == 2


@pytest.mark.parametrize("ending", ["zip", "csv.gz"])
def test_an_encrypted_archive_is_read(
    home: Home, feeds: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    pyrage = pytest.importorskip("pyrage", reason="the extra `operations` is not installed")
    key = pyrage.x25519.Identity.generate()
    monkeypatch.setenv("PERSONA_ACCESS_AGE_IDENTITY", str(key))
    declare(feeds, HR, files=f'{{pattern: "Payroll %Y-%m-%d.{ending}", encryption: age}}')
    packed = gzip.compress((HEADER + ROWS).encode())
    if ending == "zip":
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("x.csv", HEADER + ROWS)
        packed = content.getvalue()
    file = f"Payroll 2026-10-05.{ending}.age"
    found = home.load_one(file, pyrage.encrypt(packed, [key.to_public()]))
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40), found


COMBINED = {
    # Several people on a line of a matrix.
    "matrix": (
        (
            "columns:\n  brid: {from: Team, split: ;}\n"
            "unpivot: {columns: [app-*], name_to: application_id, held: [X]}\n"
        ),
        "Team,app-1,app-2\n1;2,X,\n3,X,X\n",
        [("1", "app-1"), ("2", "app-1"), ("3", "app-1"), ("3", "app-2")],
    ),
    # A name from two columns that is in the registry.
    "named": (
        (
            'columns:\n  brid: Emp\n  application_id: {template: "{Suite} {Part}", '
            "lookup: application_name}\n"
        ),
        "Emp,Suite,Part\n1,General,Ledger\n2,General, ledger \n3,New,One\n",
        [("1", "APP-1"), ("2", "APP-1"), ("3", "New One")],
    ),
    # Fixed columns, leading zeros, words for nothing and a vocabulary.
    "listing": (
        (
            "table: {header_row: 2, fixed_width: {USER: [1, 8], APP: [9, 14], ST: [15, 40]}}\n"
            "nothing: [n/k]\ncolumns:\n  brid: {from: USER, strip_zeros: true}\n"
            "  application_id: APP\n  account_status: {from: ST, values: {0: active, 9: locked}}\n"
        ),
        "USER    APP   ST\n00000001app-1 0\n00000002app-2 9\n00000003app-2 n/k\n",
        [("1", "app-1"), ("2", "app-2"), ("3", "app-2")],
    ),
}


def test_parts_of_a_mapping_work_together(home: Home, feeds: Path) -> None:
    text = "source: x\nfeed: iam_app_registry\nauthor: a.analyst\nfiles: x\n"
    says = "columns: {application_id: Id, application_name: Name, brid: Emp}\n"
    declare(feeds, text + says, source="names", files="{pattern: names %Y-%m-%d.csv}")
    loaded = home.load_one("names 2026-09-28.csv", "Id,Name,Emp\nAPP-1,General Ledger,1\n")
    assert loaded["outcome"] == "loaded"
    for source, (says, content, _) in COMBINED.items():
        # One of them waits longer than the others for its file to be complete.
        settle = 2 if source == "listing" else 0
        files = f'{{pattern: "{source} %Y-%m-%d.txt", settle_seconds: {settle}}}'
        declare(feeds, text + says, source=source, files=files)
        home.drop(f"{source} 2026-10-05.txt", content)
    outcomes = {file["file_name"]: file["outcome"] for file in home.load().files}
    assert set(outcomes.values()) == {"loaded"}, outcomes
    for source, (_, _, expected) in COMBINED.items():
        found = home.query(
            "select brid, application_id from read_parquet('{raw}/iam_app_registry/*/*/*') "
            f"where file_name like '{source}%' order by all"
        )
        assert found == expected, source
