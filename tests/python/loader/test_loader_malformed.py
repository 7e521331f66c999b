"""Malformed files: each is refused with a sentence that helps, or its bad rows are quarantined."""

import codecs
import datetime as dt
import gzip
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader_home import Home

NAME = "iam_app_registry_2026-11-16.csv"
HEADER = (
    b"application_id,application_name,brid,account_status,is_privileged,granted_date,expires_date\n"
)
GOOD = b"".join(
    b"app-%d,Invented %d,X%05d,active,false,2026-01-%02d,\n" % (at % 7, at % 7, at, 1 + at % 28)
    for at in range(1, 41)
)
BAD = b"app-1,Invented 1,X99999,active,false,2026-01-01,"
FILE = HEADER + GOOD


def spoilt(old: bytes, new: bytes) -> bytes:
    """Return the good file with an additional row in which a text is replaced."""
    assert BAD.count(old) == 1
    return HEADER + BAD.replace(old, new) + b"\n" + GOOD


# The whole file is refused; the message contains these words.
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "a byte order mark only": (codecs.BOM_UTF8, "Line 1 is empty"),
    "spaces only": (b"   ", "Line 1 is empty"),
    "line ends only": (b"\n\n\n", "Line 1 is empty"),
    "returns only": (b"\r\r\r", "Line 1 is empty"),
    "an empty line first": (b"\n" + FILE, "Line 1 is empty"),
    "header only": (HEADER, "header and no rows"),
    "header without line end": (HEADER.strip(), "header and no rows"),
    "header and empty lines": (HEADER + b"\n  \n\n", "header and no rows"),
    "rows without header": (GOOD, "not the header"),
    "title above the header": (b"IAM export, November\n" + FILE, "not the header"),
    "separator line of Excel": (b"sep=,\n" + FILE, "not the header"),
    "colons": (FILE.replace(b",", b":"), "not the header"),
    "spaces as delimiters": (FILE.replace(b",", b" "), "not the header"),
    "fixed width": (FILE.replace(b",", b"          "), "not the header"),
    "carets": (FILE.replace(b",", b"^"), "not the header"),
    "header in another language": (b"anwendung,name,kennung\n" + GOOD, "not the header"),
    "header of another feed": (b"persona_name,is_baseline\n" + GOOD, "not the header"),
    "required column missing": (
        FILE.replace(b"brid,", b"", 1),
        "required column 'brid' is missing",
    ),
    "required column renamed": (FILE.replace(b"brid", b"br_id2", 1), "is it 'br_id2'?"),
    "required column misspelt": (
        FILE.replace(b"application_name", b"aplication_name", 1),
        "is it 'aplication_name'?",
    ),
    "required column twice": (
        FILE.replace(b"application_name", b"application_id", 1),
        "'application_id' occurs 2 times",
    ),
    "column twice but for case": (
        FILE.replace(b"account_status", b"BRID", 1),
        "'brid' occurs 2 times",
    ),
    "column twice but for spaces": (
        FILE.replace(b"account_status", b"expires date", 1),
        "'expires_date' occurs 2 times",
    ),
    "column without a name": (FILE.replace(b"granted_date", b"", 1), "has no name"),
    "column named by spaces": (FILE.replace(b"account_status", b"  ", 1), "column 4 has no name"),
    "control character in the header": (FILE.replace(b"brid", b"br\x07id", 1), r"br\x07id"),
    "open quote in the header": (b'"' + FILE, "never closed"),
    "header over two lines": (FILE.replace(b"brid", b'"br\nid"', 1), "never closed"),
    "all names in one quote": (
        b'"' + HEADER.strip() + b'"\n' + GOOD,
        "not the header",
    ),
    "header of ten thousand columns": (b"a," * 10_000 + b"\n" + GOOD, "not the header"),
    "Latin-1": (spoilt(b"Invented 1", "Café".encode("latin-1")), "Line 2 (byte"),
    "Windows-1252": (spoilt(b"Invented 1", "Anna\u2019s".encode("cp1252")), "0x92"),
    "UTF-16 with mark": (FILE.decode().encode("utf-16"), "UTF-16"),
    "UTF-16 big end first": (FILE.decode().encode("utf-16-be"), "UTF-16"),
    "UTF-16 little end first": (FILE.decode().encode("utf-16-le"), "UTF-16"),
    "UTF-32": (FILE.decode().encode("utf-32"), "UTF-16 or UTF-32"),
    "EBCDIC": (FILE.decode().encode("cp500"), "not UTF-8"),
    "overlong UTF-8": (spoilt(b"Invented 1", b"\xc0\xaf"), "0xC0"),
    "surrogates in UTF-8": (spoilt(b"Invented 1", b"\xed\xa0\x80"), "0xED"),
    "half a letter at the end": (FILE + "é".encode()[:1], "middle of a UTF-8 character"),
    "half a letter in the middle": (spoilt(b"Invented 1", "é".encode()[:1]), "0xC3"),
    "wrong bytes far behind": (FILE + GOOD * 700 + b"\xff\n", "Line 28042"),
    "a NUL byte": (spoilt(b"Invented 1", b"Inv\0ented"), "Line 2 (byte 102"),
    "NUL bytes at the end": (FILE + b"\0" * 512, "Line 42"),
    "NUL bytes only": (b"\0" * 512, "NUL byte"),
    "random bytes": (random.Random(7).randbytes(5000), "."),  # noqa: S311 - no secret
    "all bytes": (bytes(range(256)), "UTF-16 or UTF-32"),
    "a web page": (b"<!DOCTYPE html><html><title>Sign in</title></html>", "web page"),
    "a web page after spaces": (b"\n \n<html>\n</html>", "web page"),
    "XML": (b'<?xml version="1.0"?><rows/>', "XML"),
    "JSON rows": (b'[{"brid": "X1"}]', "JSON"),
    "JSON lines": (b'{"brid": "X1"}\n{"brid": "X2"}\n', "JSON"),
    "a ZIP archive": (b"PK\x03\x04" + b"\0" * 100, "ZIP"),
    "gzip named csv": (gzip.compress(FILE), "gzip"),
    "Parquet named csv": (b"PAR1" + b"\x15\x04" * 50 + b"PAR1", "Parquet"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
    "a PDF": (b"%PDF-1.7\n", "PDF"),
    "a text document": (b"{\\rtf1\\ansi brid", "RTF"),
    "bzip2": (b"BZh91AY&SY", "bzip2"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "zstd"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    "xz": (b"\xfd7zXZ\x00", "xz"),
    "a line of two megabytes": (spoilt(b"Invented 1", b"x" * 2_000_000), "Line 2 is longer"),
    "no line ends at all": (FILE.replace(b"\n", b"") * 800, "Line 1 is longer"),
    "an endless open quote": (
        HEADER + BAD.replace(b"Invented 1", b'"open') + b"x" * 1_100_000,
        "Line 2 is longer",
    ),
    "more than half bad": (HEADER + b"broken\n" * 3 + GOOD[: GOOD.find(b"\n") + 1], "3 of 4 rows"),
    "every row bad": (HEADER + b",,,,,,\n" * 5, "5 of 5 rows"),
    "above the threshold": (HEADER + b"broken\n" * 11 + GOOD, "11 of 51 rows"),
    "rows of another delimiter": (HEADER + GOOD.replace(b",", b";"), "40 of 40 rows"),
    "two columns exchanged": (
        FILE.replace(b"account_status,is_privileged", b"is_privileged,account_status", 1),
        "40 of 40 values of is_privileged",
    ),
    "BRIDs of a data frame": (re.sub(rb"X\d(\d+)", rb"1\1.0", FILE), "a number with decimals"),
    "BRIDs of a spreadsheet": (re.sub(rb"X\d+", b"1.00E+03", FILE), "scientific notation"),
    "BRIDs guarded by an apostrophe": (FILE.replace(b",X", b",'1"), "protected from Excel"),
    "BRIDs guarded by a formula": (
        re.sub(rb"X(\d+)", rb'"=""\1"""', FILE),
        "protected from Excel",
    ),
    "dates of another country": (FILE.replace(b"2026-01-", b"01/2026/"), "not a date"),
    "Excel day numbers": (FILE.replace(b"2026-01-", b"463"), "not a date"),
    "all lines in one quote each": (
        HEADER + b"".join(b'"' + line + b'"\n' for line in GOOD.splitlines()),
        "has 1 of 7 fields",
    ),
    "quotes escaped by backslashes": (
        HEADER + GOOD.replace(b"Invented", b'"Inv\\"ented"'),
        "A quote is not closed",
    ),
}

# One row is bad, at line 2, and the other forty load.
QUARANTINED: dict[str, tuple[bytes, str]] = {
    "no application": (spoilt(b"app-1", b""), "value_missing"),
    "no BRID": (spoilt(b"X99999", b""), "value_missing"),
    "BRID in empty quotes": (spoilt(b"X99999", b'""'), "value_missing"),
    "BRID of spaces": (spoilt(b"X99999", b"   "), "value_missing"),
    "BRID of tabs": (spoilt(b"X99999", b"\t\t"), "value_missing"),
    "BRID of no-break spaces": (spoilt(b"X99999", "\u00a0\u00a0".encode()), "value_missing"),
    "scientific notation": (spoilt(b"X99999", b"1.23E+5"), "bad_key"),
    "a number of a data frame": (spoilt(b"X99999", b"1001.0"), "bad_key"),
    "a date for a BRID": (spoilt(b"X99999", b"2026-03-10 00:00:00"), "bad_key"),
    "a date for an application": (spoilt(b"app-1", b"2026-03-10"), "bad_key"),
    "a truth value for a BRID": (spoilt(b"X99999", b"TRUE"), "bad_key"),
    "protected from Excel": (spoilt(b"X99999", b"'1001"), "bad_key"),
    "an application id as a number": (spoilt(b"app-1", b"1001.0"), "bad_key"),
    "BRID as a word for nothing": (spoilt(b"X99999", b"NULL"), "value_missing"),
    "status in letters that only look so": (
        spoilt(b"active", "ACT\u0130VE".encode()),
        "value_not_accepted",
    ),
    "no value at all": (HEADER + b",,,,,,\n" + GOOD, "value_missing"),
    "a word for a date": (spoilt(b"2026-01-01", b"yesterday"), "date_unreadable"),
    "no such day": (spoilt(b"2026-01-01", b"2026-02-30"), "date_unreadable"),
    "no such month": (spoilt(b"2026-01-01", b"2026-13-01"), "date_unreadable"),
    "month zero": (spoilt(b"2026-01-01", b"2026-00-10"), "date_unreadable"),
    "day before month": (spoilt(b"2026-01-01", b"31-01-2026"), "date_unreadable"),
    "slashes": (spoilt(b"2026-01-01", b"2026/01/01"), "date_unreadable"),
    "dots": (spoilt(b"2026-01-01", b"01.01.2026"), "date_unreadable"),
    "no leading zeros": (spoilt(b"2026-01-01", b"2026-1-1"), "date_unreadable"),
    "two-digit year": (spoilt(b"2026-01-01", b"26-01-01"), "date_unreadable"),
    "no hyphens": (spoilt(b"2026-01-01", b"20260101"), "date_unreadable"),
    "five-digit year": (spoilt(b"2026-01-01", b"12026-01-01"), "date_unreadable"),
    "year zero": (spoilt(b"2026-01-01", b"0000-01-01"), "date_unreadable"),
    "before Christ": (spoilt(b"2026-01-01", b"2026-01-01 (BC)"), "date_unreadable"),
    "infinity": (spoilt(b"2026-01-01", b"infinity"), "date_unreadable"),
    "Excel day": (spoilt(b"2026-01-01", b"45292.0"), "date_unreadable"),
    "rubbish behind the date": (spoilt(b"2026-01-01", b"2026-01-01 noon"), "date_unreadable"),
    "time without minutes": (spoilt(b"2026-01-01", b"2026-01-01T10"), "date_unreadable"),
    "Arabic digits": (
        spoilt(b"2026-01-01", "\u0662\u0660\u0662\u0666-01-01".encode()),
        "date_unreadable",
    ),
    "two dates": (spoilt(b"2026-01-01", b"2026-01-01 2026-01-02"), "date_unreadable"),
    "neither true nor false": (spoilt(b"false", b"maybe"), "boolean_unreadable"),
    "a number for a truth": (spoilt(b"false", b"2"), "boolean_unreadable"),
    "truth in another language": (spoilt(b"false", b"falsch"), "boolean_unreadable"),
    "unknown status": (spoilt(b"active", b"sleeping"), "value_not_accepted"),
    "status with more": (spoilt(b"active", b"active?"), "value_not_accepted"),
    "one field": (HEADER + b"app-1\n" + GOOD, "too_few_fields"),
    "six fields": (spoilt(b"2026-01-01,", b"2026-01-01"), "too_few_fields"),
    "eight fields": (spoilt(b"Invented 1", b"Invented,1"), "too_many_fields"),
    "fifty fields": (HEADER + BAD + b"," * 43 + b"\n" + GOOD, "too_many_fields"),
    "an unquoted number with a comma": (spoilt(b"X99999", b"99,999"), "too_many_fields"),
    "trailing comma": (HEADER + BAD + b",\n" + GOOD, "too_many_fields"),
    "other delimiters": (HEADER + BAD.replace(b",", b";") + b"\n" + GOOD, "too_few_fields"),
    "a comment": (HEADER + b"# exported by night\n" + GOOD, "too_few_fields"),
    "open quote": (spoilt(b"Invented 1", b'"Invented 1'), "broken_quote"),
    "open quote at the start": (HEADER + b'"' + BAD + b"\n" + GOOD, "broken_quote"),
    "open quote at the end": (HEADER + BAD + b'"\n' + GOOD, "broken_quote"),
    "signs behind a quote": (spoilt(b"Invented 1", b'"Invented" 1'), "broken_quote"),
    "backslash and quote": (spoilt(b"Invented 1", b'"Inv\\"ented"'), "broken_quote"),
    "three quotes": (spoilt(b"Invented 1", b'"""Invented 1'), "broken_quote"),
    "header once more": (HEADER + HEADER + GOOD, "header_repeated"),
    "a bell": (spoilt(b"Invented 1", b"Inv\x07ented"), "control_character"),
    "an escape sequence": (spoilt(b"Invented 1", b"\x1b[31mred"), "control_character"),
    "a backspace in the BRID": (spoilt(b"X99999", b"X9\x089"), "control_character"),
    "a delete": (spoilt(b"Invented 1", b"Inv\x7f"), "control_character"),
    "end of file of DOS": (HEADER + b"\x1a\n" + GOOD, "too_few_fields"),
}

# granted_date and is_privileged decide nothing, so only the value is removed.
VALUE_REASONS = ("date_unreadable", "date_implausible", "boolean_unreadable")

# Unusual, but every row is readable: forty-one rows load.
ACCEPTED: dict[str, bytes] = {
    "quoted comma": spoilt(b"Invented 1", b'"Invented, 1"'),
    "doubled quotes": spoilt(b"Invented 1", b'"Inv ""1"""'),
    "quote inside a bare value": spoilt(b"Invented 1", b'Inv"1'),
    "value of two lines": spoilt(b"Invented 1", b'"Invented\n1"'),
    "value of two Windows lines": spoilt(b"Invented 1", b'"Invented\r\n1"')
    .replace(b"\n", b"\r\n")
    .replace(b"\r\r\n", b"\r\n"),
    "a lone return in quotes": spoilt(b"Invented 1", b'"Invented\r1"'),
    "mixed line ends": HEADER + BAD + b"\r\n" + GOOD,
    "doubled returns": (HEADER + BAD + b"\n" + GOOD).replace(b"\n", b"\r\r\n"),
    "empty lines between": HEADER + BAD + b"\n\n  \n" + GOOD.replace(b"\n", b"\n\n"),
    "empty lines behind": HEADER + BAD + b"\n" + GOOD + b"\n" * 50,
    "spaces around quotes": spoilt(b"Invented 1", b' "Invented, 1" '),
    "a date with a time": spoilt(b"2026-01-01", b"2026-01-01T00:00:00.000+02:00"),
    "a date between spaces": spoilt(b"2026-01-01", b" 2026-01-01 "),
    "words in capitals": spoilt(b"active", b"ACTIVE").replace(
        b"X99999,ACTIVE,false", b"X9,Active,YES"
    ),
    "emoji": spoilt(b"Invented 1", "\U0001f600".encode()),
    "the last character of Unicode": spoilt(b"Invented 1", "\U0010ffff".encode()),
    "a formula": spoilt(b"Invented 1", b"=cmd|' /C calc'!A0"),
    "an SQL fragment": spoilt(b"Invented 1", b"'; drop table lines; --"),
    "braces": spoilt(b"Invented 1", b"{0} {} %s"),
    "a value of half a megabyte": spoilt(b"Invented 1", b"x" * 500_000),
    "extra column": HEADER.strip() + b",risk\n" + (BAD + b"\n" + GOOD).replace(b"\n", b",high\n"),
    "commas behind every line": (HEADER + BAD + b"\n" + GOOD).replace(b"\n", b",\n"),
    "invisible characters in the header": (HEADER + BAD + b"\n" + GOOD).replace(
        b"brid", "\ufeffbr\u00adid\u200b".encode(), 1
    ),
    "optional column renamed": (HEADER + BAD + b"\n" + GOOD).replace(
        b"granted_date", b"grant_date", 1
    ),
    "a name of a directory": spoilt(b"X99999", b"CORP\\x99999"),
    "NULL as a word": spoilt(b"Invented 1", b"NULL"),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, "Case"]:
    """Load all cases in one run, each as a separate week."""
    home = Home(tmp_path_factory.mktemp("malformed") / "home")
    contents = {
        **{case: content for case, (content, _) in REFUSED.items()},
        **{case: content for case, (content, _) in QUARANTINED.items()},
        **ACCEPTED,
    }
    names = {}
    for at, (case, content) in enumerate(contents.items()):
        name = f"iam_app_registry_{dt.date(2026, 1, 1) + dt.timedelta(days=at)}.csv"
        names[name] = case
        home.drop(name, content)
    result = home.load()
    assert result.exit_code == 4
    return {names[found["file_name"]]: Case(home, found) for found in result.files}


@dataclass(frozen=True)
class Case:
    """One file of the run, and the home folder that all share."""

    home: Home
    found: dict[str, Any]

    def quarantine(self, columns: str) -> list[tuple[Any, ...]]:
        """Return the quarantined rows of the file."""
        file = self.home.raw / "quarantined_rows" / f"{self.found['load_id']}.parquet"
        return self.home.query(f"select {columns} from '{file}'") if file.exists() else []

    def assert_nothing_is_lost(self) -> None:
        """Compare the report with the content of the folders."""
        found = self.found
        record = self.home.ledger()[found["load_id"]]
        week = self.home.raw / "iam_app_registry" / f"extract_date={found['extract_date']}"
        if found["outcome"] == "loaded":
            file = week / "version=1" / "rows.parquet"
            ((n_loaded,),) = self.home.query(f"select count(*) from '{file}'")
            assert n_loaded == record["n_rows_loaded"] == found["n_rows_loaded"]
            parts = [part for (part,) in self.quarantine("quarantined_part")]
            assert parts.count("value") == found["n_values_quarantined"]
            n_quarantined = parts.count("row")
            assert n_quarantined == record["n_rows_quarantined"] == found["n_rows_quarantined"]
            assert record["n_rows_read"] == n_loaded + n_quarantined
            assert (self.home.path / "archive/iam_app_registry" / found["file_name"]).exists()
        else:
            assert not week.exists()
            assert record["load_status"] == "rejected"
            reason = self.home.path / "rejected" / f"{found['file_name']}.reason.txt"
            assert found["sentence"] in reason.read_text()


def test_there_are_more_than_a_hundred_cases_and_none_hides_another(
    loaded: dict[str, Case],
) -> None:
    assert len(loaded) == len(REFUSED) + len(QUARANTINED) + len(ACCEPTED) > 100


@pytest.mark.parametrize("case", REFUSED)
def test_a_hopeless_file_is_refused_in_a_sentence(loaded: dict[str, Case], case: str) -> None:
    found = loaded[case].found
    assert found["outcome"] == "refused"
    assert REFUSED[case][1] in found["sentence"]
    assert found["sentence"].endswith(".")
    assert len(found["sentence"]) < 500
    assert found["sentence"].isprintable()
    loaded[case].assert_nothing_is_lost()


@pytest.mark.parametrize("case", QUARANTINED)
def test_a_bad_row_is_quarantined_and_the_rest_loads(loaded: dict[str, Case], case: str) -> None:
    found = loaded[case].found
    reason = QUARANTINED[case][1]
    part, n_loaded = ("value", 41) if reason in VALUE_REASONS else ("row", 40)
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", n_loaded)
    assert loaded[case].quarantine("row_number, reason, quarantined_part") == [(2, reason, part)]
    loaded[case].assert_nothing_is_lost()


@pytest.mark.parametrize("case", ACCEPTED)
def test_an_odd_file_loads_whole(loaded: dict[str, Case], case: str) -> None:
    found = loaded[case].found
    assert (found["outcome"], found["n_rows_loaded"]) == ("loaded", 41)
    loaded[case].assert_nothing_is_lost()


BAD_GZIP: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "plain text": (FILE, "not a valid gzip file"),
    "head only": (gzip.compress(FILE)[:10], "cut short"),
    "cut in the middle": (gzip.compress(FILE)[:-30], "cut short"),
    "checksum cut": (gzip.compress(FILE)[:-8], "cut short"),
    "wrong checksum": (gzip.compress(FILE)[:-8] + b"\0" * 8, "not a valid gzip file"),
    "rubbish behind": (gzip.compress(FILE) + b"rubbish", "not a valid gzip file"),
    "damaged": (gzip.compress(FILE)[:40] + b"\xff" * 20 + gzip.compress(FILE)[60:], "gzip"),
    "nothing in it": (gzip.compress(b""), "is empty"),
    "gzip in it": (gzip.compress(gzip.compress(FILE)), "gzip"),
    "Latin-1 in it": (gzip.compress(HEADER + "é".encode("latin-1")), "not UTF-8"),
}


@pytest.mark.parametrize("case", BAD_GZIP)
def test_a_gzip_file_that_is_not_sound_is_refused(home: Home, case: str) -> None:
    content, words = BAD_GZIP[case]
    found = home.load_one(f"{NAME}.gz", content)
    assert found["outcome"] == "refused"
    assert words in found["sentence"] or words in found["sentence"].lower()
    assert home.rows("iam_app_registry") == []


def test_a_quarantined_row_says_all_that_is_known_of_it(home: Home) -> None:
    line = b" x7 ,Invented,X7,sleeping,maybe,,31/01/2026"
    content = HEADER + line + b"\nX8,a,b\n" + b"X9,name,X9,a,b,c,d,e\n" + GOOD
    found = home.load_one(NAME, content)
    columns = "load_id, feed, extract_date::varchar, version, file_name"
    load_id = "iam_app_registry_2026-11-16_v1"
    assert home.quarantine(f"distinct {columns}, 1 as row_number") == [
        (load_id, "iam_app_registry", "2026-11-16", 1, NAME, 1)
    ]
    assert home.quarantine("row_number, column_name, value, reason, brid, raw_line, message") == [
        (
            2,
            "account_status",
            "sleeping",
            "value_not_accepted",
            "X7",
            line.decode(),
            (
                "account_status is 'sleeping', not one of: active, disabled, inactive, locked, "
                "suspended. expires_date is '31/01/2026', which is not a date: write YYYY-MM-DD."
            ),
        ),
        (
            3,
            None,
            None,
            "too_few_fields",
            "b",
            "X8,a,b",
            "The row does not fit the header: it has 3 of 7 fields.",
        ),
        (
            4,
            None,
            None,
            "too_many_fields",
            "X9",
            "X9,name,X9,a,b,c,d,e",
            "The row does not fit the header: it has 8 of 7 fields.",
        ),
    ]
    assert found["details"][1] == "line 3: The row does not fit the header: it has 3 of 7 fields."


@pytest.mark.parametrize(
    ("n_bad", "n_good", "outcome"),
    [
        (10, 10, "loaded"),  # ten bad rows are never too many, but more than half are
        (11, 10, "refused"),
        (1, 0, "refused"),
        (1, 1, "loaded"),
        (11, 209, "loaded"),  # 5 % of 220
        (11, 208, "refused"),
    ],
)
def test_the_threshold_of_bad_rows(home: Home, n_bad: int, n_good: int, outcome: str) -> None:
    good = b"app-1,Invented,X1,,,,\n" * n_good
    assert home.load_one(NAME, HEADER + b"broken\n" * n_bad + good)["outcome"] == outcome


def test_a_refusal_for_bad_rows_lists_them(home: Home) -> None:
    home.load_one(NAME, HEADER + b"broken\n" * 30 + GOOD)
    reason = (home.path / "rejected" / f"{NAME}.reason.txt").read_text()
    assert [line.strip().split(":")[0] for line in reason.splitlines() if "  line" in line] == [
        f"line {at}" for at in range(2, 22)
    ]


FRAGMENTS = st.sampled_from(
    [HEADER, BAD, b"\n", b"\r\n", b"\r", b",", b'"', b"\0", b"\xff", b"\xef\xbb\xbf", b" ", b"x"]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fragments=st.lists(FRAGMENTS | st.binary(max_size=20), max_size=20),
    name=st.sampled_from(
        [NAME, f"{NAME}.gz", NAME.replace("csv", "xlsx"), NAME.replace("csv", "ods")]
    ),
)
def test_any_bytes_end_in_words_and_nothing_is_lost(
    tmp_path: Path, fragments: list[bytes], name: str
) -> None:
    home = Home(tmp_path / f"home_{len(list(tmp_path.iterdir()))}")
    content = HEADER + b"".join(fragments)
    found = home.load_one(name, gzip.compress(content) if name.endswith("gz") else content)
    assert found["outcome"] in ("loaded", "refused")
    assert found["sentence"].isprintable()
    if found["outcome"] == "loaded":
        parts = [part for (part,) in home.quarantine("quarantined_part")]
        assert found["n_rows_read"] == len(home.rows("iam_app_registry")) + parts.count("row")
