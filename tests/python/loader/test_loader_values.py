"""Values as systems really write them are read correctly, omitted with a note, or refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader_home import Home
from persona_access.base import kept_files
from persona_access.base.cleaning import (
    BLANKS,
    INVISIBLE,
    clean_sql,
    clean_text,
    may_be_unclean_sql,
)
from persona_access.base.open_files import Writing, writing

HR = "hr_headcount_2026-11-16"
HEADER = "brid,full_name,employment_status,management_level,cost_center,hire_date,termination_date"
PEOPLE = "".join(f"{1000 + at},Person {at},active,L2,RET-100,2020-01-06,\n" for at in range(40))
GOOD = "999,Somebody,active,L2,RET-100,2020-01-06,"
COLUMNS = HEADER.replace(",", ", ")


def headcount(*lines: str) -> str:
    return HEADER + "\n" + "".join(f"{line}\n" for line in lines) + PEOPLE


# One row: its text in the file, and its landed values (brid, cost center, dates).
READ: dict[str, tuple[str, tuple[str | None, ...]]] = {
    "as it is": (GOOD, ("999", "RET-100", "2020-01-06", None)),
    "zero width space behind a key": (
        "999\u200b,S,active,L2,RET-100,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "byte order mark before a key": (
        "\ufeff999,S,active,L2,RET-100,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "narrow no-break space": (
        "999,S,active,L2,RET-100\u202f,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "ideographic space": (
        "999,S,active,L2,\u3000RET-100,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "direction mark within": (
        "999,S,active,L2,RET\u200e-100,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "soft hyphen": (
        "999,S,active,L2,RET\u00ad-100,2020-01-06,", ("999", "RET-100", "2020-01-06", None)),
    "no-break space within": (
        "999,S,active,L2,RET\u00a0100,2020-01-06,", ("999", "RET 100", "2020-01-06", None)),
    "an accent of its own": (
        "999,S,active,L2,RE\u0301T,2020-01-06,", ("999", "R\u00c9T", "2020-01-06", None)),
    "line break at the end": (
        '999,S,active,L2,"RET-100\n",2020-01-06,', ("999", "RET-100", "2020-01-06", None)),
    **{
        word: (f"999,S,active,L2,{word},2020-01-06,", ("999", None, "2020-01-06", None))
        for word in (
            "NULL", "\\N", "<NA>", "[null]", "--", "nil", "n.a.", "(blank)", "#NV",
            "NA", "na", "?", "TBD", "to be defined", "Unknown",
            "Unbekannt", "k.A.", "s/o", "n.v.t.", "sin datos", "\u65e0", "...", "#N/D",
            "#WERT!", "#\u00bfNOMBRE?", "#DIV/0!",
        )
    },
    "another error of Excel": (
        "999,S,active,L2,#REF!,2020-01-06,", ("999", None, "2020-01-06", None)),
    "a cost center with a sign of errors": (
        "999,S,active,L2,#REF,2020-01-06,", ("999", "#REF", "2020-01-06", None)),
    "the word of R where there is no date": (
        "999,S,active,L2,RET-100,NA,NA", ("999", "RET-100", None, None)),
    "null in brackets": ("999,S,active,L2,(null),2020-01-06,", ("999", None, "2020-01-06", None)),
    "not a number": ("999,S,active,L2,NaN,2020-01-06,", ("999", None, "2020-01-06", None)),
    "none of Python": ("999,S,active,L2,None,2020-01-06,", ("999", None, "2020-01-06", None)),
    "a hyphen": ("999,S,active,L2,-,2020-01-06,", ("999", None, "2020-01-06", None)),
    "an error of Excel": ("999,S,active,L2,#N/A,2020-01-06,", ("999", None, "2020-01-06", None)),
    "a word that only begins so": (
        "999,S,active,L2,None-100,2020-01-06,", ("999", "None-100", "2020-01-06", None)),
    "never ends in 9999": (
        "999,S,active,L2,RET-100,2020-01-06,9999-12-31", ("999", "RET-100", "2020-01-06", None)),
    "never ends in 1601": (
        "999,S,active,L2,RET-100,2020-01-06,1601-01-01T00:00:00Z",
        ("999", "RET-100", "2020-01-06", None)),
    "never ends in Oracle": (
        "999,S,active,L2,RET-100,2020-01-06,4712-12-31", ("999", "RET-100", "2020-01-06", None)),
    "hired in the year 20": (
        "999,S,active,L2,RET-100,0020-01-06,", ("999", "RET-100", None, None)),
    "hired in 1900": ("999,S,active,L2,RET-100,1900-01-01,", ("999", "RET-100", None, None)),
    "hired at an impossible hour": (
        "999,S,active,L2,RET-100,2020-01-06 99:99,", ("999", "RET-100", None, None)),
    "hired at minute 60": (
        "999,S,active,L2,RET-100,2020-01-06T10:60:00,", ("999", "RET-100", None, None)),
    "a time to the west": (
        "999,S,active,L2,RET-100,2020-01-06T23:30:00-05:00,",
        ("999", "RET-100", "2020-01-07", None)),
    "a time to the east": (
        "999,S,active,L2,RET-100,2020-01-06T00:30:00+02:00,",
        ("999", "RET-100", "2020-01-05", None)),
    "a time of Greenwich without seconds": (
        "999,S,active,L2,RET-100,2020-01-06T00:30Z,", ("999", "RET-100", "2020-01-06", None)),
}  # fmt: skip

# One row that cannot be loaded, and why.
LEFT_OUT = {
    "ends on an impossible day": (
        "999,S,active,L2,RET-100,2020-01-06,2026-02-30", "date_unreadable"),
    "ends in the year 26": ("999,S,active,L2,RET-100,2020-01-06,0026-01-01", "date_implausible"),
    "ends at an impossible hour": (
        "999,S,active,L2,RET-100,2020-01-06,2026-01-31 24:01", "date_unreadable"),
    "a status with a dotted capital I": (
        "999,S,ACT\u0130VE,L2,RET-100,2020-01-06,", "value_not_accepted"),
    "a BRID with decimals": ("999.0,S,active,L2,RET-100,2020-01-06,", "bad_key"),
    "a BRID in scientific notation": ("9.99E+02,S,active,L2,RET-100,2020-01-06,", "bad_key"),
    "a BRID behind an apostrophe": ("'999,S,active,L2,RET-100,2020-01-06,", "bad_key"),
    "a BRID as a formula": ('"=""999""",S,active,L2,RET-100,2020-01-06,', "bad_key"),
    "a name of a directory in HR": ("CORP\\999,S,active,L2,RET-100,2020-01-06,", "bad_key"),
    "NA as a BRID": ("NA,S,active,L2,RET-100,2020-01-06,", "value_unknown"),
    "TBD as a BRID": ("TBD,S,active,L2,RET-100,2020-01-06,", "value_unknown"),
    "nil as a BRID": ("nil,S,active,L2,RET-100,2020-01-06,", "value_missing"),
    "an unknown status": ("999,S,?,L2,RET-100,2020-01-06,", "value_not_accepted"),
    "NA as a status": ("999,S,NA,L2,RET-100,2020-01-06,", "value_not_accepted"),
    "TBD as the end": ("999,S,active,L2,RET-100,2020-01-06,TBD", "date_unreadable"),
    "a total in French": ("Somme,,,,,,", "label_row"),
    "a total in Dutch": ("Totaal,1.234,,,,,", "label_row"),
    "a total in Chinese": ("\u5408\u8ba1,40,,,,,", "label_row"),
    "a word that no list has": ("Kokku,,,,,,", "row_incomplete"),
    "such a word and a number": ("Kokku,1234,,,,,", "row_incomplete"),
    "a row that was cut": ("999,,,,,,", "row_incomplete"),
    "a total": ("Total,40,,,,,", "label_row"),
    "a total of departments": ("Grand total,40,,,,,", "label_row"),
    "the end of a report": ("*** END OF REPORT ***,,,,,,", "label_row"),
    "a page": ("Page 1 of 1,,,,,,", "label_row"),
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, dict[str, Any]]]:
    """Load all cases in one run, each as a separate week."""
    home = Home(tmp_path_factory.mktemp("values") / "home")
    cases = {case: line for case, (line, _) in {**READ, **LEFT_OUT}.items()}
    names = {}
    for at, (case, line) in enumerate(cases.items()):
        name = f"hr_headcount_{dt.date(2026, 1, 1) + dt.timedelta(days=at)}.csv"
        names[name] = case
        home.drop(name, headcount(line))
    result = home.load()
    return home, {names[found["file_name"]]: found for found in result.files}


def declare(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    """Use a project with changed contracts."""
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    is_replaced = False
    for file in project_root.glob("models/staging/*/_*__sources.yml"):
        target = project / file.relative_to(project_root)
        target.parent.mkdir(parents=True)
        text = file.read_text("utf-8")
        is_replaced = is_replaced or old in text
        target.write_text(text.replace(old, new), "utf-8")
    assert is_replaced
    (project / "dbt_project.yml").write_text("name: persona_access\n")
    monkeypatch.setenv("PERSONA_ACCESS_PROJECT", str(project))


def quarantine_of(home: Home, found: dict[str, Any]) -> list[tuple[Any, ...]]:
    file = home.raw / "quarantined_rows" / f"{found['load_id']}.parquet"
    columns = "reason, quarantined_part, brid"
    return home.query(f"select {columns} from '{file}'") if file.exists() else []


@pytest.mark.parametrize("case", READ)
def test_a_value_is_read_as_it_is_meant(
    loaded: tuple[Home, dict[str, dict[str, Any]]], case: str
) -> None:
    home, files = loaded
    found = files[case]
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 41)
    file = home.raw / "hr_headcount" / f"extract_date={found['extract_date']}" / "version=1"
    (row,) = home.query(
        "select brid, cost_center, hire_date[:10], termination_date "
        f"from '{file}/rows.parquet' where row_number = 2"
    )
    assert row == READ[case][1]
    emptied = [part for _, part, _ in quarantine_of(home, found)]
    assert emptied == ["value"] * found["n_values_quarantined"]
    (cells,) = csv.reader(io.StringIO(READ[case][0], newline=""))
    is_cleaned = any(clean_text(cell) != (cell or None) for cell in cells)
    assert ("Invisible characters" in " ".join(found["notes"])) == is_cleaned


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_row_that_cannot_count_is_quarantined_with_its_reason(
    loaded: tuple[Home, dict[str, dict[str, Any]]], case: str
) -> None:
    home, files = loaded
    found = files[case]
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 40)
    ((reason, part, _),) = quarantine_of(home, found)
    assert (reason, part) == (LEFT_OUT[case][1], "row")


def test_a_word_for_what_is_unknown_is_named_until_it_is_declared_a_value(
    home: Home, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = headcount("999,S,active,L2,NA,2020-01-06,")
    home.load_one(f"{HR}.csv", text)
    assert home.quarantine("brid, column_name, value, reason, quarantined_part") == [
        ("999", "cost_center", "NA", "value_unknown", "value")
    ]
    declared = "{is_required: true, is_group: true"
    declare(project_root, tmp_path, monkeypatch, declared, declared + ", real_values: [NA]")
    home.load_one("hr_headcount_2026-11-23.csv", text)
    assert ("NA",) in home.rows("hr_headcount", "cost_center")


def test_a_column_full_of_unknown_values_does_not_refuse_the_file(home: Home) -> None:
    found = home.load_one(f"{HR}.csv", headcount().replace("RET-100", "TBD"))
    assert (found["outcome"], found["n_values_quarantined"]) == ("loaded", 40)


def test_names_of_directories_are_holders_and_errors_of_spreadsheets_are_not(home: Home) -> None:
    names = [
        r".\admin",
        "#svc-backup",
        "Backup (svc)",
        "(svc) Backup",
        "{0a1b2c3d-0000-4000-8000-0123456789ab}",
        r"CORP\web$",
        "a@bank.example",
    ]
    others = ["#NV", "#REF!", "########", "{1001}", "#1001", ".\\", "()", "N/A", "NA"]
    # Full width, digits of another alphabet, and a letter that only looks like B.
    others += ["\uff11\uff10", "\uff42\uff0d1", "\u0661\u0660\u0661", "\u04121001"]
    rows = [f'mail,Mail,"{name}",2020-02-03' for name in (*map(str, range(400)), *names, *others)]
    header = "application_id,application_name,brid,granted_date"
    found = home.load_one("iam_app_registry_2026-11-16.csv", "\n".join([header, *rows]) + "\n")
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", len(others))
    assert [row[0] for row in home.rows("iam_app_registry", "brid")][400:] == names


def test_the_last_row_of_the_registry_shows_by_its_shape_what_it_is(home: Home) -> None:
    header = "brid,application_id,application_name,account_id,granted_date"
    rows = [f"{brid},mail,Mail,m{brid},2020-02-03" for brid in range(1, 12)]
    for at, footer in enumerate(("Kokku,1234,,,", "Kokku,11,,,")):
        found = home.load_one(
            f"iam_app_registry_2026-11-{16 + at}.csv", "\n".join([header, *rows, footer]) + "\n"
        )
        assert (found["n_rows_loaded"], found["n_rows_quarantined"]) == (11, 1)
    # A BRID that was read, and rows that others resemble, stay.
    found = home.load_one(
        "iam_app_registry_2026-11-18.csv",
        "\n".join([header, *rows, "12,mail,,,", "svc,7,,,", "svc,8,,,"]),
    )
    assert found["n_rows_loaded"] == 14


def test_a_footer_compares_its_number_with_the_rows_above(home: Home) -> None:
    found = home.load_one(f"{HR}.csv", HEADER + "\n" + PEOPLE + "Total,40,,,,,\n")
    assert "it contains 40, and the file has 40 rows above it" in found["details"][0]
    found = home.load_one("hr_headcount_2026-11-23.csv", headcount() + "Rows: 41\n")
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", 1)
    found = home.load_one("hr_headcount_2026-11-30.csv", headcount() + "Rows: 500\n")
    assert found["outcome"] == "refused"
    assert "gives a count of 500 rows, but the file has 40 above it" in found["sentence"]


def test_a_load_says_what_it_read_otherwise_than_it_stands(home: Home) -> None:
    text = headcount(
        GOOD.replace("RET-100", "NULL"), "998,S,active,L2,RET\u200b,2020-01-06,9999-12-31"
    )
    found = home.load_one(f"{HR}.csv", text)
    assert found["notes"] == [
        "Invisible characters or blanks around values were removed: 1 value (cost_center).",
        "Words for nothing were read as empty: 1 value (cost_center, for example 'NULL').",
        (
            "Placeholder dates were read as no date: 1 value "
            "(termination_date, for example '9999-12-31')."
        ),
    ]


def test_most_values_of_a_column_are_not_left_out_in_silence(home: Home) -> None:
    found = home.load_one(f"{HR}.csv", headcount().replace("2020-01-06", "06/01/2020"))
    assert found["outcome"] == "refused"
    assert "40 of 40 values of hire_date are bad" in found["sentence"]


def test_a_column_that_no_contract_names_is_kept_and_told_of_once(home: Home) -> None:
    text = (
        headcount().replace("\n", ",X\n").replace("termination_date,X", "termination_date,hire_dt")
    )
    first = home.load_one(f"{HR}.csv", text)
    assert first["outcome"] == "loaded"
    (note,) = first["notes"]
    assert note.startswith("Column 'hire_dt' (perhaps more of 'hire_date') is not in the contract")
    landed = home.raw / "hr_headcount" / "extract_date=2026-11-16" / "version=1" / "rows.parquet"
    assert home.query(f"select distinct hire_dt from '{landed}'") == [("X",)]
    second = home.load_one("hr_headcount_2026-11-23.csv", text)
    assert (second["outcome"], second["notes"]) == ("loaded", [])


def test_a_grant_that_ends_before_it_begins_counts_without_its_end(home: Home) -> None:
    header = "application_id,application_name,brid,granted_date,expires_date"
    rows = [
        "mail,Mail,1,2020-02-03,2009-12-31",
        "mail,Mail,2,2020-02-03,2025-12-31",
        "mail,Mail,3,2020-02-03,1601-01-01",
        "mail,Mail,4,,2009-12-31",
    ]
    found = home.load_one("iam_app_registry_2026-11-16.csv", "\n".join([header, *rows]) + "\n")
    assert (found["n_rows_loaded"], found["n_values_quarantined"]) == (4, 1)
    assert home.quarantine("brid, column_name, reason, quarantined_part") == [
        ("1", "expires_date", "date_contradicts", "value")
    ]
    assert home.rows("iam_app_registry", "expires_date") == [
        (None,), ("2025-12-31",), (None,), ("2009-12-31",)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["CORP\\{}", "u{}@bank.example", "{}$", "CN={},OU=Users"])
def test_a_registry_of_logins_is_refused_whole(home: Home, name: str) -> None:
    """Each holder is a directory name, so none of them would be found in HR."""
    file, header = "iam_app_registry_2026-11-16.csv", "application_id,application_name,brid\n"
    rows = [f'mail,Mail,"{name.format(1000 + at)}"\n' for at in range(40)]
    found = home.load_one(file, header + "".join(rows))
    assert found["outcome"] == "refused"
    assert "40 of 40" in found["sentence"]
    mixed = [f"mail,Mail,{1000 + at}\n" for at in range(60)]
    assert home.load_one(file, header + "".join(rows[:20] + mixed))["outcome"] == "loaded"


def test_a_slip_of_the_year_restarts_nothing(home: Home) -> None:
    """With a year far ahead, employees would start later, and held access would not count."""
    home.load_one(f"{HR}.csv", headcount("999,S,active,L2,RET-100,2062-01-05,"))
    header = "application_id,application_name,brid,granted_date,expires_date"
    grants = ["mail,Mail,1,2062-01-05,", "mail,Mail,2,2027-11-17,", "mail,Mail,3,,2062-01-05"]
    home.load_one("iam_app_registry_2026-11-16.csv", "\n".join([header, *grants]) + "\n")
    assert home.quarantine("column_name, value, reason, quarantined_part") == [
        ("hire_date", "2062-01-05", "date_implausible", "value"),
        ("granted_date", "2062-01-05", "date_implausible", "value"),
    ]
    assert home.rows("iam_app_registry", "granted_date, expires_date") == [
        (None, None), ("2027-11-17", None), (None, "2062-01-05")
    ]  # fmt: skip


def test_a_membership_that_ends_before_it_begins_counts_without_its_end(home: Home) -> None:
    header = "brid,persona_id,valid_from,valid_to"
    rows = ["X1,p,2026-05-01,2026-01-31", "X2,p,2026-05-01,2026-06-30", "X3,p,,2026-01-31"]
    found = home.load_one("persona_members_2026-11-16.csv", "\n".join([header, *rows]) + "\n")
    assert (found["n_rows_loaded"], found["n_values_quarantined"]) == (3, 1)
    ends = [(None,), ("2026-06-30",), ("2026-01-31",)]
    assert home.rows("persona_members", "valid_to") == ends


def test_a_quarantined_row_of_several_lines_keeps_them_all(home: Home) -> None:
    row = '999,"Some\nbody",sleeping,L2,RET-100,2020-01-06,'
    home.load_one(f"{HR}.csv", headcount(row))
    assert home.quarantine("raw_line") == [(row,)]


def test_a_message_escapes_what_would_reach_the_terminal(home: Home) -> None:
    home.drop(f"{HR}.csv", headcount("999,S,\x1b[31m\u202eactive,L2,RET-100,2020-01-06,"))
    _, stdout, _ = home.run()
    assert all(sign.isprintable() or sign == "\n" for sign in stdout)


def test_a_sentence_stays_short_whatever_the_file_holds(home: Home) -> None:
    names = ",".join(f"unknown_{at}" for at in range(5_000))
    found = home.load_one(f"{HR}.csv", f"{HEADER},{names}\n" + PEOPLE)
    assert found["outcome"] == "refused"
    assert "5,000 columns" in found["sentence"]
    assert "more" in found["details"][0]
    reason = (home.path / "rejected" / f"{HR}.csv.reason.txt").read_text()
    assert len(reason) < 8_000


def parquet(columns: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def people(**columns: Any) -> dict[str, Any]:
    n_rows = len(next(iter(columns.values())))
    given = {
        "brid": [str(1000 + at) for at in range(n_rows)],
        "full_name": ["Somebody"] * n_rows,
        "employment_status": ["active"] * n_rows,
        "management_level": ["L2"] * n_rows,
        "cost_center": ["RET-100"] * n_rows,
    }
    return {**given, **columns}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([16777216.0, 16777218.0], pa.float32()), "16,777,216"),
        (pa.array([2.0**53, 2.0**53 + 2], pa.float64()), "9,007,199,254,740,992"),
        (pa.array([Decimal(1042), Decimal(1043)], pa.decimal256(50, 0)), "decimal of 50 digits"),
    ],
)
def test_numbers_that_may_have_been_several_are_refused(
    home: Home, column: pa.Array, words: str
) -> None:
    found = home.load_one(f"{HR}.parquet", parquet(people(brid=column)))
    assert found["outcome"] == "refused"
    assert words in found["sentence"]


def test_not_a_number_in_parquet_is_nothing(home: Home) -> None:
    nan = float("nan")
    home.load_one(f"{HR}.parquet", parquet(people(cost_center=pa.array([nan, 100.0]))))
    assert home.rows("hr_headcount", "cost_center") == [(None,), ("100",)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_timestamp_becomes_the_same_date_on_every_machine(
    home: Home, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    moments = [
        dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 23, 23, 59, tzinfo=dt.UTC),
    ]
    home.load_one(f"{HR}.parquet", parquet(people(termination_date=pa.array(moments))))
    assert home.rows("hr_headcount", "termination_date") == [("2026-11-24",), ("2026-11-23",)]


def test_the_feeds_zone_decides_where_it_is_declared(
    home: Home, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(project_root, tmp_path, monkeypatch, "time_zone: UTC", "time_zone: Asia/Tokyo")
    line = "999,S,active,L2,RET-100,2020-01-06T20:00:00Z,"
    home.load_one(f"{HR}.csv", headcount(line))
    assert home.rows("hr_headcount", "hire_date")[0] == ("2020-01-07",)


def test_an_accepted_word_without_a_meaning_is_refused(
    home: Home, project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for file in project_root.glob("models/staging/*/_*__sources.yml"):
        target = project / file.relative_to(project_root)
        target.parent.mkdir(parents=True)
        text = file.read_text("utf-8").replace(
            "locked, suspended]\n                # Each",
            "locked, suspended, enabled]\n                # Each",
        )
        target.write_text(text, "utf-8")
    (project / "dbt_project.yml").write_text("name: persona_access\n")
    monkeypatch.setenv("PERSONA_ACCESS_PROJECT", str(project))
    home.drop(f"{HR}.csv", headcount())
    exit_code, _, stderr = home.run()
    assert exit_code == 2
    assert re.search("'enabled' of accepted_values of account_status has no\\s+meaning", stderr)


MANIFESTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (lambda path: path.symlink_to("/etc/hostname"), "is a link"),
    "a link to nothing": (lambda path: path.symlink_to("/nowhere"), "is a link"),
    "a link to an endless device": (lambda path: path.symlink_to("/dev/zero"), "is a link"),
    "a pipe": (lambda path: os.mkfifo(path), "is not a regular file"),
    "a folder": (lambda path: path.mkdir(), "is a folder"),
    "huge": (lambda path: path.write_bytes(b" " * (2 << 20)), "is larger than"),
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_that_is_not_a_small_file_refuses_its_delivery_alone(
    home: Home, kind: str
) -> None:
    make, words = MANIFESTS[kind]
    make(home.drop_zone / f"{HR}.csv.manifest.json")
    home.drop(f"{HR}.csv", headcount())
    home.drop("hr_headcount_2026-11-23.csv", headcount())
    result = home.load()
    found = {file["file_name"]: file for file in result.files}
    assert found[f"{HR}.csv"]["outcome"] == "refused"
    assert words in found[f"{HR}.csv"]["sentence"]
    assert found["hr_headcount_2026-11-23.csv"]["outcome"] == "loaded"
    assert result.exit_code == 4
    kept = home.path / "rejected" / f"{HR}.csv.manifest.json"
    assert not kept.exists()


def test_a_file_that_somebody_writes_is_skipped_where_the_system_tells(home: Home) -> None:
    file = home.drop(f"{HR}.csv", headcount())
    with file.open("a"):
        if writing(file) is not Writing.YES:
            pytest.skip("this system does not tell who writes a file")
        found = home.load().only
        assert (found["outcome"], file.exists()) == ("skipped", True)
    assert home.load().only["outcome"] == "loaded"


def test_a_sender_that_goes_on_while_the_file_is_archived_is_noticed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = headcount(GOOD)
    move_away = kept_files.keep

    def go_on(source: Path, target: Path, *, is_moved: bool) -> None:
        with source.open("a") as late:
            late.write("998,Late,active,L2,RET-100,2020-01-06,\n")
        move_away(source, target, is_moved=is_moved)

    file = home.drop(f"{HR}.csv", whole)
    monkeypatch.setattr("persona_access.loader.disposal.keep", go_on)
    result = home.load()
    assert result.exit_code == 4
    assert "still writing" in result.only["sentence"]
    assert file.exists()
    monkeypatch.undo()
    again = home.load().only
    assert (again["outcome"], again["version"], again["n_rows_loaded"]) == ("loaded", 2, 42)


def workbook(cells: str, *, styles: str = "", properties: str = "", prefix: str = "") -> bytes:
    """Write a workbook with one sheet by hand, in the form of other libraries than ours."""
    p = f"{prefix}:" if prefix else ""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    named = f'xmlns:{prefix}="{main}"' if prefix else f'xmlns="{main}"'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/></Types>',
        )
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}">{properties}'
            '<sheets><sheet name="Sheet" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            + (
                f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
                if styles
                else ""
            )
            + "</Relationships>",
        )
        if styles:
            archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{main}">{styles}</styleSheet>')
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<{p}worksheet {named}><{p}sheetData>{cells}</{p}sheetData></{p}worksheet>",
        )
    return buffer.getvalue()


def text_cell(name: str, value: str) -> str:
    return f'<c r="{name}" t="inlineStr"><is><t>{value}</t></is></c>'


def members_sheet(*rows: str) -> str:
    header = f'<row r="1">{text_cell("A1", "brid")}{text_cell("B1", "persona_id")}</row>'
    return header + "".join(f'<row r="{at}">{row}</row>' for at, row in enumerate(rows, start=2))


ZEROS = (
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="0000"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
)
STRAY = text_cell("A2", "X1") + text_cell("B2", "p")


def test_a_number_is_read_with_the_zeros_that_it_shows(home: Home) -> None:
    sheet = members_sheet('<c r="A2"><v>1</v></c><c r="B2" s="1"><v>100</v></c>')
    home.load_one("persona_members_2026-11-16.xlsx", workbook(sheet, styles=ZEROS))
    assert home.rows("persona_members", "brid, persona_id") == [("1", "0100")]


WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "a stray cell far away": (
        workbook(members_sheet(STRAY) + f'<row r="1048576">{text_cell("XFD1048576", " ")}</row>'),
        "Cell XFD1048576",
    ),
    "a whole number that Excel rounded": (
        workbook(members_sheet('<c r="A2"><v>9007199254740993</v></c>' + text_cell("B2", "p"))),
        "Cell A2",
    ),
    "an error in single quotes": (
        workbook(members_sheet("<c r='A2' t='e'><v>#N/A</v></c>" + text_cell("B2", "p"))),
        "Cell A2",
    ),
    "a formula in single quotes without its result": (
        workbook(members_sheet("<c r='A2'><f>B2</f><v/></c>" + text_cell("B2", "p"))),
        "Cell A2",
    ),
    "a document type": (
        workbook(members_sheet(STRAY)).replace(b"<worksheet", b"<!DOCTYPE a><worksheet"),
        ".",
    ),
}


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_workbook_that_is_not_what_excel_shows_is_refused(home: Home, kind: str) -> None:
    content, words = WORKBOOKS[kind]
    home.drop("persona_members_2026-11-23.csv", "brid,persona_id\nX1,p\n")
    home.drop("persona_members_2026-11-16.xlsx", content)
    found = {file["file_name"]: file for file in home.load().files}
    assert found["persona_members_2026-11-16.xlsx"]["outcome"] == "refused"
    assert words in found["persona_members_2026-11-16.xlsx"]["sentence"]
    assert found["persona_members_2026-11-23.csv"]["outcome"] == "loaded"


def test_text_is_cleaned_alike_in_python_and_in_sql() -> None:
    signs = [chr(at) for at in range(1, 0x10000) if not 0xD800 <= at < 0xE000]
    texts = pa.table({"value": [f" a{sign}b {sign}" for sign in signs]})  # noqa: F841 - in the query
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select value, {clean_sql('value')}, {may_be_unclean_sql('value')} from texts"
        ).fetchall()
    assert [value for value, cleaned, _ in found if cleaned != clean_text(value)] == []
    assert [value for value, cleaned, may in found if cleaned != value and not may] == []


def test_seeds_are_cleaned_of_the_same_signs_as_feeds(project_root: Path) -> None:
    macro = (project_root / "macros/cleaning/invisible_signs.sql").read_text("utf-8")
    listed = re.findall(r"return\('([^']*)'\)", macro)
    assert [text.encode().decode("unicode_escape") for text in listed] == [BLANKS, INVISIBLE]


def test_no_sign_that_is_seen_is_left_out() -> None:
    categories = {unicodedata.category(sign) for sign in INVISIBLE}
    assert categories <= {"Cf", "Cn", "Mn", "Lo", "So"}
    assert all(unicodedata.category(sign) in ("Cc", "Zs", "Zl", "Zp") for sign in BLANKS)
