"""The fast and the careful reading of a CSV text agree, and the careful one loses no line."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loader_home import MEMBERS, Home, members, members_file
from persona_access.base.contracts import Column, Contract
from persona_access.loader import recovery
from persona_access.loader.read_csv import read_straight
from persona_access.loader.session import Connection
from persona_access.loader.staging import Into, Provenance, create_faults_table
from persona_access.loader.text_scan import scan_text

COLUMNS = ("brid", "second", "third")
CONTRACT = Contract(
    feed="invented",
    columns=tuple(
        Column(name, is_required=True, is_value_required=False, parse_as=None, accepted_values=())
        for name in COLUMNS
    ),
    is_optional=False,
    is_manifest_required=False,
    max_quarantined_rows=10,
    max_quarantined_share=0.05,
    name_pattern="invented_%Y-%m-%d",
)
PROVENANCE = Provenance("invented_v1", "invented.csv", "0" * 64, dt.datetime(2026, 11, 16))  # noqa: DTZ001
SIGNS = ['"', ",", " ", "a", "b", "é", "\t", "'", "\\", ";"]
LINE = st.text(st.sampled_from(SIGNS), max_size=12)
VALUE = st.text(st.sampled_from([*SIGNS, "\n"]), max_size=8)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with duckdb.connect() as opened:
        yield opened


def sift(
    connection: Connection, folder: Path, text: str
) -> tuple[list[tuple[int | str | None, ...]], list[tuple[int | str, ...]]]:
    """Return the good rows (line, values) and the faults (line, reason) of a text."""
    file = folder / "sifted.csv"
    file.write_text(text, "utf-8", newline="")
    scan = scan_text(file, is_gzip=False, work=folder, max_expanded_bytes=10**6)
    create_faults_table(connection)
    sifted = recovery.sift(connection, scan, ",", COLUMNS, recovery.KEYS)
    good = connection.execute(f"select * from {sifted.relation} order by row_number").fetchall()
    assert len(good) == sifted.n_rows
    faults = connection.execute("select row_number, reason from faults order by all").fetchall()
    return good, faults


def read_one_way(
    connection: Connection, folder: Path, text: str
) -> tuple[list[tuple[int | str | None, ...]], list[tuple[object, ...]]] | None:
    """Return the rows (line, values) and faults of a text that a parser reads; None if none can."""
    # A new name each time: DuckDB caches parts of a file by its name.
    file = folder / f"{uuid4()}.csv"
    file.write_text(text, "utf-8")
    target = file.with_suffix(".parquet")
    scan = scan_text(file, is_gzip=False, work=folder, max_expanded_bytes=10**6)
    create_faults_table(connection)
    into = Into(CONTRACT, PROVENANCE, target)
    if read_straight(connection, scan, ",", COLUMNS, into, recovery.KEYS) is None:
        return None
    rows = connection.execute(
        f"select row_number, brid, second, third from '{target}' order by row_number"
    ).fetchall()
    return rows, connection.execute("select * from faults order by all").fetchall()


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(rows=st.lists(st.lists(VALUE, min_size=3, max_size=3), max_size=8))
def test_what_a_csv_library_writes_comes_back(
    connection: Connection, tmp_path: Path, rows: list[list[str]]
) -> None:
    text = io.StringIO("brid,second,third\n")
    text.seek(0, io.SEEK_END)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    good, faults = sift(connection, tmp_path, text.getvalue())
    # A value that spans lines can look as if it contained a row; then it is a fault, never lost.
    if faults:
        n_lines = text.getvalue().count("\n") - 1
        assert any("\n" in value for row in rows for value in row)
        assert len(good) + len(faults) <= n_lines
    else:
        assert [list(row[1:]) for row in good] == rows


@QUICK
@given(lines=st.lists(LINE, max_size=8))
def test_every_line_is_a_row_or_part_of_one_or_a_fault_or_empty(
    connection: Connection, tmp_path: Path, lines: list[str]
) -> None:
    text = "brid,second,third\n" + "".join(f"{line}\n" for line in lines)
    good, faults = sift(connection, tmp_path, text)
    # A row spans one more line for each line end in its values.
    of_rows = sum(1 + sum(str(value).count("\n") for value in row[1:]) for row in good)
    n_empty = sum(not line.strip(" \t") for line in lines)
    assert of_rows + len(faults) in range(len(lines) - n_empty, len(lines) + 1)
    numbers = [row[0] for row in good] + [fault[0] for fault in faults]
    assert len(set(numbers)) == len(numbers)


@QUICK
@given(rows=st.lists(st.lists(LINE, min_size=3, max_size=3), min_size=1, max_size=8))
@example(rows=[["a", "b", "c"], ['"a,"', ' "b"', ' "c" ']])
@example(rows=[["", "", ","]])
@example(rows=[["", "", ' "']])
def test_what_duckdb_reads_straight_the_recovery_reads_alike(
    connection: Connection, tmp_path: Path, rows: list[list[str]]
) -> None:
    text = "brid,second,third\n" + "".join(f"{','.join(row)}\n" for row in rows)
    straight = read_one_way(connection, tmp_path, text)
    if straight is None:
        return
    good, faults = sift(connection, tmp_path, text)
    assert [(row[0], *(value or None for value in row[1:])) for row in good] == straight[0]
    assert straight[1] == connection.execute("select * from faults order by all").fetchall()
    assert faults == [(fault[0], fault[3]) for fault in straight[1]]


@QUICK
@given(
    lines=st.lists(st.text(st.sampled_from([sign for sign in SIGNS if sign != '"']), max_size=12))
)
@example(lines=["a,b", "a,b,c", "a,b,c,", "", "a,b,c"])
@example(lines=["a,b", "a", "a,b,c", " ", "a,b,c,d,e", "a,b,c"])
@example(lines=[";", ",,,", ",,,"])
def test_lines_that_do_not_fit_are_the_same_faults_on_both_ways(
    connection: Connection, tmp_path: Path, lines: list[str]
) -> None:
    text = "brid,second,third\n" + "".join(f"{line}\n" for line in lines)
    straight = read_one_way(connection, tmp_path, text)
    # With an empty line in between, the line number of a row that Arrow read is unknown. It also
    # gives up on other rare shapes, such as no line that fits: then the recovery reads the file.
    assert straight is None or all(lines)
    if straight is None:
        return
    good, _ = sift(connection, tmp_path, text)
    assert [(row[0], *(value or None for value in row[1:])) for row in good] == straight[0]
    assert straight[1] == connection.execute("select * from faults order by all").fetchall()


def test_duckdb_reads_clean_lines_straight(connection: Connection, tmp_path: Path) -> None:
    file = tmp_path / "clean.csv"
    file.write_text('brid,second,third\na,"b, b",c\nd,"e""e",f\n', "utf-8")
    scan = scan_text(file, is_gzip=False, work=tmp_path, max_expanded_bytes=10**6)
    target = tmp_path / "clean.parquet"
    into = Into(CONTRACT, PROVENANCE, target)
    assert read_straight(connection, scan, ",", COLUMNS, into, recovery.KEYS) == 2


# Each row: the lines below the header, which of them load, and the faults with their lines.
CASES: dict[str, tuple[list[str], list[int], list[tuple[int, str]]]] = {
    "a value of two lines": (["a,b,c", '1,"x', 'y",3', "d,e,f"], [2, 3, 5], []),
    "a value with an empty line": (['1,"x', "", 'y",3', "d,e,f"], [2, 5], []),
    "two values of two lines": (['1,"x', 'y","z', 'w"', "d,e,f"], [2, 5], []),
    "a quote that stays open": (["a,b,c", '1,"x,3', "d,e,f"], [2, 4], [(3, "broken_quote")]),
    "an open quote at the end": (["a,b,c", '1,"x,3'], [2], [(3, "broken_quote")]),
    "signs behind a quote": (['1,"x"y,3', "d,e,f"], [3], [(2, "broken_quote")]),
    "two rows with open quotes": (
        ['1,"x,3', "d,e,f", '1,2,"x'],
        [3],
        [(2, "broken_quote"), (4, "broken_quote")],
    ),
    "a value that holds whole rows": (
        ["a,b,c", '1,"x', "evil,row,here", 'y",3', "d,e,f"],
        [2, 6],
        [(3, "broken_quote"), (4, "broken_quote"), (5, "broken_quote")],
    ),
    "whole rows and rubbish in a value": (
        ['1,"x', "evil,row,here", "", "rubbish", 'y",3', "d,e,f"],
        [7],
        [(2, "broken_quote"), (3, "broken_quote"), (5, "broken_quote"), (6, "broken_quote")],
    ),
    "too few and too many": (
        ["a,b", "a,b,c,d", "d,e,f"],
        [4],
        [(2, "too_few_fields"), (3, "too_many_fields")],
    ),
    "empty lines": (["", "a,b,c", "  ", "d,e,f", ""], [3, 5], []),
}


@pytest.mark.parametrize("case", CASES)
def test_lines_are_distinguished(connection: Connection, tmp_path: Path, case: str) -> None:
    lines, good_lines, expected_faults = CASES[case]
    text = "brid,second,third\n" + "".join(f"{line}\n" for line in lines)
    good, faults = sift(connection, tmp_path, text)
    assert [row[0] for row in good] == good_lines
    assert faults == expected_faults


def test_a_value_of_several_lines_keeps_them(home: Home) -> None:
    home.load_one(MEMBERS, members_file('X9,"persona\nof two lines"'))
    assert home.rows("persona_members", "brid, persona_id, row_number")[:2] == [
        ("X9", "persona\nof two lines", 2),
        ("X00001", "persona-1", 4),
    ]


def test_rows_beyond_one_block_keep_their_line_numbers(home: Home) -> None:
    n_rows = 150_000
    lines = members(n_rows).splitlines()
    lines[99_998] = "X1,persona-1,too,many"
    lines[120_000] = 'X1,"open'
    found = home.load_one(MEMBERS, "brid,persona_id\n" + "\n".join(lines))
    assert (found["n_rows_read"], found["n_rows_quarantined"]) == (n_rows, 2)
    assert home.quarantine("row_number, reason, raw_line") == [
        (100_000, "too_many_fields", "X1,persona-1,too,many"),
        (120_002, "broken_quote", 'X1,"open'),
    ]
    assert home.query(
        "select count(*), count(*) filter (where brid = format('X{{:05d}}', row_number - 1)) "
        "from '{raw}/persona_members/extract_date=2026-11-16/version=1/rows.parquet'"
    ) == [(n_rows - 2, n_rows - 2)]
