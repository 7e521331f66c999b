"""The same table lands equally in every format; hidden details of a format are refused or kept."""

import datetime as dt
import gzip
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader_home import MEMBERS, Home, members_file

STEM = "persona_members_2026-11-16"
HEADER = ["brid", "persona_id", "valid_from"]
TABLE = [[f"X{at}", f"persona-{at % 3}", "2026-01-31"] for at in range(1, 21)]


def as_csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\n" for row in rows).encode()


def as_parquet(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def as_workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


FORMATS: dict[str, tuple[str, bytes]] = {
    "csv": (".csv", as_csv([HEADER, *TABLE])),
    "csv of semicolons": (".csv", as_csv([HEADER, *TABLE], ";")),
    "csv of tabs": (".csv", as_csv([HEADER, *TABLE], "\t")),
    "csv of pipes": (".csv", as_csv([HEADER, *TABLE], "|")),
    "csv of Windows": (".csv", b"\xef\xbb\xbf" + as_csv([HEADER, *TABLE]).replace(b"\n", b"\r\n")),
    "csv of old Macs": (".csv", as_csv([HEADER, *TABLE]).replace(b"\n", b"\r")),
    "csv without a last line end": (".csv", as_csv([HEADER, *TABLE]).rstrip(b"\n")),
    "csv all in quotes": (".csv", as_csv([[f'"{v}"' for v in row] for row in [HEADER, *TABLE]])),
    "csv in another order": (".csv", as_csv([row[::-1] for row in [HEADER, *TABLE]])),
    "csv with other names": (
        ".csv",
        as_csv([["BRID", "Persona ID", " valid_From "], *TABLE]),
    ),
    "gzip": (".csv.gz", gzip.compress(as_csv([HEADER, *TABLE]))),
    "gzip in two parts": (
        ".csv.gz",
        gzip.compress(as_csv([HEADER])) + gzip.compress(as_csv(TABLE)),
    ),
    "parquet": (
        ".parquet",
        as_parquet(
            {
                "brid": [row[0] for row in TABLE],
                "persona_id": pa.array([row[1] for row in TABLE]).dictionary_encode(),
                "valid_from": [dt.date(2026, 1, 31)] * len(TABLE),
            }
        ),
    ),
    "excel": (
        ".xlsx",
        as_workbook(
            {"Sheet": [HEADER, *([*row[:2], dt.date(2026, 1, 31)] for row in TABLE)], "More": []}
        ),
    ),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_lands_the_same_rows(home: Home, form: str) -> None:
    suffix, content = FORMATS[form]
    found = home.load_one(STEM + suffix, content)
    assert (found["outcome"], found["n_rows_read"]) == ("loaded", 20)
    assert home.rows("persona_members", "brid, persona_id, valid_from, valid_to, row_number") == [
        (*row, None, at) for at, row in enumerate(TABLE, start=2)
    ]


def test_parquet_values_become_the_text_a_person_would_write(home: Home) -> None:
    nan = float("nan")
    columns = {
        "brid": pa.array([123, 7, None, 9, 10], pa.int64()),
        "persona_id": pa.array([123.0, 4.5, 1e15, nan, 10.0], pa.float64()),
        "valid_from": pa.array([dt.date(2026, 1, 31)] * 5),
        "valid_to": pa.array([dt.datetime(2026, 2, 28, 10, 30)] * 5),  # noqa: DTZ001 - as written
    }
    found = home.load_one(f"{STEM}.parquet", as_parquet(columns))
    assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (3, 2)
    assert home.rows("persona_members", "brid, persona_id, valid_from, valid_to")[:2] == [
        ("123", "123", "2026-01-31", "2026-02-28 10:30:00"),
        ("7", "4.5", "2026-01-31", "2026-02-28 10:30:00"),
    ]
    assert home.quarantine("row_number, column_name, reason, raw_line") == [
        (4, "brid", "value_missing", None),
        (5, "persona_id", "value_missing", None),
    ]


def test_a_column_of_parquet_that_no_contract_names_may_have_any_type(home: Home) -> None:
    columns = {
        "brid": pa.array(["X1", "X2"]),
        "persona_id": pa.array(["p", "q"]),
        "skills": pa.array([["sql", "python"], None]),
        "office": pa.array([{"city": "Lima"}, {"city": None}]),
        "photo": pa.array([b"\xff\x00", b""]),
    }
    found = home.load_one(f"{STEM}.parquet", as_parquet(columns))
    assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (2, 0)


def test_decimals_of_parquet(home: Home) -> None:
    columns = {
        "brid": pa.array([Decimal("123.00"), Decimal("7.00")]),
        "persona_id": pa.array([Decimal("7.50"), Decimal("8.00")]),
    }
    home.load_one(f"{STEM}.parquet", as_parquet(columns))
    assert home.rows("persona_members", "brid, persona_id") == [("123", "7.50"), ("7", "8")]


BAD_PARQUET: dict[str, tuple[bytes, str]] = {
    "no parquet": (as_csv([HEADER, *TABLE]), "not a valid Parquet file"),
    "empty": (b"", "not a valid Parquet file"),
    "cut short": (FORMATS["parquet"][1][:-20], "not a valid Parquet file"),
    "head only": (b"PAR1", "not a valid Parquet file"),
    "damaged pages": (
        FORMATS["parquet"][1][:4] + b"\xff" * 60 + FORMATS["parquet"][1][64:],
        "damaged",
    ),
    "no rows": (
        as_parquet({"brid": pa.array([], pa.string()), "persona_id": pa.array([], pa.string())}),
        "no rows",
    ),
    "no columns": (as_parquet({}), "none of its columns"),
    "missing column": (as_parquet({"brid": ["X1"]}), "'persona_id' is missing"),
    "column twice": (
        as_parquet({"brid": ["X1"], "persona_id": ["p"], "PersonaId": ["p"]}),
        "occurs 2 times",
    ),
    "list column": (as_parquet({"brid": ["X1"], "persona_id": [["p"]]}), "not simple values"),
    "struct column": (as_parquet({"brid": ["X1"], "persona_id": [{"a": 1}]}), "not simple values"),
    "a name of the reader": (
        as_parquet({"brid": ["X1"], "persona_id": ["p"], "file_row_number": [1]}),
        "Parquet reader reserves",
    ),
    "a page that is not as its checksum says": (
        as_parquet(
            {"brid": ["X1001"] * 30, "persona_id": ["p"] * 30},
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
        ).replace(b"X1001", b"X1002"),
        "damaged",
    ),
    "truth values as keys": (
        as_parquet({"brid": [True] * 30, "persona_id": ["p"] * 30}),
        "a date or truth value",
    ),
    "dates as keys": (
        as_parquet({"brid": [dt.date(2026, 1, 2)] * 30, "persona_id": ["p"] * 30}),
        "a date or truth value",
    ),
    "binary column": (as_parquet({"brid": ["X1"], "persona_id": [b"\xff"]}), "not simple values"),
}


@pytest.mark.parametrize("case", BAD_PARQUET)
def test_a_parquet_file_other_than_a_table_of_the_feed_is_refused(home: Home, case: str) -> None:
    content, words = BAD_PARQUET[case]
    found = home.load_one(f"{STEM}.parquet", content)
    assert found["outcome"] == "refused"
    assert words in found["sentence"]
    assert "\n" not in found["sentence"]


def test_excel_cells_become_the_text_a_person_sees(home: Home) -> None:
    rows: list[list[Any]] = [
        HEADER,
        [123, "p", dt.date(2026, 1, 31)],
        [123.0, "p", dt.datetime(2026, 1, 31, 10, 30)],  # noqa: DTZ001 - as typed
        ["00123", 4.5, "2026-01-31"],
        [None, None, None],
        [True, "p", None],
        [None, "p", "31/01/2026"],
    ]
    found = home.load_one(f"{STEM}.xlsx", as_workbook({"Sheet": rows}))
    assert (found["n_rows_read"], found["n_rows_quarantined"]) == (5, 2)
    assert home.rows("persona_members", "brid, persona_id, valid_from, row_number") == [
        ("123", "p", "2026-01-31", 2),
        ("123", "p", "2026-01-31 10:30:00", 3),
        ("00123", "4.5", "2026-01-31", 4),
    ]
    assert home.quarantine("row_number, reason, message") == [
        (
            6,
            "bad_key",
            (
                "brid is 'true', a date or truth value into which a spreadsheet converted a key: "
                "export it as text."
            ),
        ),
        (
            7,
            "value_missing",
            (
                "brid is empty, and every row needs one. "
                "valid_from is '31/01/2026', which is not a date: write YYYY-MM-DD."
            ),
        ),
    ]


def test_the_sheet_named_like_the_feed_is_taken(home: Home) -> None:
    sheets = {"Notes": [["read me"]], "Persona Members": [HEADER, *TABLE]}
    found = home.load_one(f"{STEM}.xlsx", as_workbook(sheets))
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 20)


def test_a_table_may_start_anywhere_on_its_sheet(home: Home) -> None:
    rows: list[list[Any]] = [HEADER, ["", "p", None], *TABLE]
    away = [[], [], *([None, None, *row] for row in rows)]
    found = home.load_one(f"{STEM}.xlsx", as_workbook({"Sheet": away}))
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 20)
    assert home.quarantine("row_number, reason") == [(4, "value_missing")]


def zip_of(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


def as_formatted(*cells: tuple[float, str]) -> bytes:
    """Return a workbook whose BRIDs are numbers, each in a format."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["brid", "persona_id"])
    for row, (number, code) in enumerate(cells, start=2):
        sheet.append([number, "p"])
        sheet.cell(row, 1).number_format = code
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


def merged(workbook: bytes, *ranges: str) -> bytes:
    """Return a workbook with these cells of its first sheet merged."""
    opened = openpyxl.load_workbook(io.BytesIO(workbook))
    for cells in ranges:
        opened.worksheets[0].merge_cells(cells)
    sink = io.BytesIO()
    opened.save(sink)
    return sink.getvalue()


def test_merged_cells_beside_each_other_or_outside_the_table_are_read(home: Home) -> None:
    rows: list[list[Any]] = [["X0", "p", None, None], *TABLE]
    content = merged(as_workbook({"Sheet": [HEADER, *rows]}), "C2:D2", "F1:F1")
    found = home.load_one(f"{STEM}.xlsx", content)
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 21)


SHOWN = (
    (1001, "00000", "01001"),
    (1002, '"X"0', "X1002"),
    (1003, r"\X0000", "X1003"),
    (1004, '0"-A"', "1004-A"),
    (1005, "000-000", "001-005"),
    (1006, '[Red]"B"00000;[Blue]"C"0', "B01006"),
    (1007, "[$-409]0000", "1007"),
    (1008, "#,##0", "1008"),
    (1009, "0.00", "1009"),
    (1010, "_(* #,##0_)", "1010"),
    (1011, "?0", "1011"),
    (1012, "General", "1012"),
    (12, '"X"??00', "X  12"),
)


def test_numbers_are_keys_as_their_format_shows_them(home: Home) -> None:
    content = as_formatted(*((number, code) for number, code, _ in SHOWN))
    found = home.load_one(f"{STEM}.xlsx", content)
    assert found["outcome"] == "loaded", found["sentence"]
    bad = [row[0] for row in home.quarantine("value")]
    loaded = [row[0] for row in home.rows("persona_members", "brid")]
    assert (loaded, bad) == ([shown for *_, shown in SHOWN[:-1]], [SHOWN[-1][-1]])


def edited(workbook: bytes, part: str, old: bytes, new: bytes | None) -> bytes:
    """Return a workbook with other bytes in a part, or without the part."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert old in files[part]
    if new is None:
        del files[part]
    else:
        files[part] = files[part].replace(old, new)
    return zip_of(files)


def with_error_cell(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sheet = files["xl/worksheets/sheet1.xml"]
    files["xl/worksheets/sheet1.xml"] = sheet.replace(
        b'<c r="B2" t="inlineStr">', b'<c r="B2" t="e"><v>#N/A</v></c><c r="D2" t="inlineStr">'
    ).replace(b'<c r="B2" t="s">', b'<c r="B2" t="e">')
    return zip_of(files)


BAD_WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "no workbook": (as_csv([HEADER, *TABLE]), "is plain text, such as CSV"),
    "empty": (b"", "not a valid .xlsx"),
    "cut short": (FORMATS["excel"][1][:-100], "not a valid .xlsx"),
    "old or protected": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
    "another archive": (zip_of({"table.csv": as_csv([HEADER, *TABLE])}), "not an Excel workbook"),
    "no sheets in it": (zip_of({"xl/workbook.xml": b"<workbook/>"}), "is empty"),
    "rubbish in it": (zip_of({"xl/workbook.xml": b"\xff\xfe rubbish"}), "not valid XML"),
    "empty sheet": (as_workbook({"Sheet": []}), "is empty"),
    "header only": (as_workbook({"Sheet": [HEADER]}), "no rows"),
    "empty rows only": (as_workbook({"Sheet": [HEADER, ["", " ", None]]}), "no rows"),
    "title above the header": (
        as_workbook({"Sheet": [["Personas of November"], HEADER, *TABLE]}),
        "not the header",
    ),
    "two tables": (as_workbook({"One": [HEADER, *TABLE], "Two": [HEADER, *TABLE]}), "'One', 'Two'"),
    "missing column": (as_workbook({"Sheet": [["brid"], ["X1"]]}), "'persona_id' is missing"),
    "column twice": (
        as_workbook({"Sheet": [[*HEADER, "BRID"], [*TABLE[0], "X"]]}),
        "occurs 2 times",
    ),
    "values without a column": (
        as_workbook({"Sheet": [HEADER, [*TABLE[0], "stray"]]}),
        "column 4 has no name",
    ),
    "formula never computed": (
        as_workbook({"Sheet": [HEADER, ["X1", "=A2", None]]}),
        "Cell B2 of sheet 'Sheet' contains a formula",
    ),
    "one cell twice": (
        edited(
            as_workbook({"Sheet": [HEADER, *TABLE]}),
            "xl/worksheets/sheet1.xml",
            b'r="A3"',
            b'r="A2"',
        ),
        "Cell A2 of sheet 'Sheet' occurs twice",
    ),
    "a sheet without its part": (
        edited(as_workbook({"Sheet": [HEADER, *TABLE]}), "xl/worksheets/sheet1.xml", b"", None),
        "lists the sheet 'Sheet' but does not contain it",
    ),
    "a number that a sheet cannot keep": (
        as_formatted((2**53 + 2, "0"), (1, "0")),
        "export it again, and deliver it again.",
    ),
    "a value for several rows": (
        merged(as_workbook({"Sheet": [HEADER, *TABLE]}), "B2:B9"),
        "Cell B2 of sheet 'Sheet' is merged across rows",
    ),
    "a web page": (b"<html><table><tr><td>brid</td></tr></table></html>", "is a web page or XML"),
    "a PDF": (b"%PDF-1.7 and more", "is a PDF document, not"),
    "error cell": (
        with_error_cell(as_workbook({"Sheet": [HEADER, *TABLE]})),
        "Cell B2 of sheet 'Sheet' contains an error",
    ),
}


@pytest.mark.parametrize("case", BAD_WORKBOOKS)
def test_a_workbook_other_than_a_table_of_the_feed_is_refused(home: Home, case: str) -> None:
    content, words = BAD_WORKBOOKS[case]
    found = home.load_one(f"{STEM}.xlsx", content)
    assert found["outcome"] == "refused"
    assert words in found["sentence"]
    assert "\n" not in found["sentence"]


BOMBS: dict[str, tuple[str, bytes]] = {
    "gzip": (".csv.gz", gzip.compress(members_file(n_rows=1000).encode())),
    "parquet": (".parquet", as_parquet({"brid": ["X1"] * 5000, "persona_id": ["p"] * 5000})),
    "excel": (".xlsx", as_workbook({"Sheet": [HEADER, *TABLE * 50]})),
}


@pytest.mark.parametrize("case", BOMBS)
def test_what_expands_beyond_the_limit_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_MAX_EXPANDED_SIZE", "9KB")
    suffix, content = BOMBS[case]
    found = home.load_one(STEM + suffix, content)
    assert found["outcome"] == "refused"
    assert "PERSONA_ACCESS_MAX_EXPANDED_SIZE" in found["sentence"]


def test_a_plain_file_has_no_limit_to_expand_to(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_MAX_EXPANDED_SIZE", "9KB")
    assert home.load_one(MEMBERS, members_file(n_rows=1000))["outcome"] == "loaded"


def test_the_parquet_reader_of_another_program_reads_the_rows(home: Home) -> None:
    home.load_one(MEMBERS, members_file())
    landed = home.raw / "persona_members/extract_date=2026-11-16/version=1/rows.parquet"
    table = pq.ParquetFile(Path(landed)).read()
    assert table.num_rows == 30
    assert str(table.schema.field("loaded_at").type) == "timestamp[us]"
    encodings = {
        encoding
        for at in range(len(table.schema))
        for encoding in pq.ParquetFile(landed).metadata.row_group(0).column(at).encodings
    }
    assert encodings <= {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"}
