"""Evidence packs: their contents, their independent verification, and what is refused."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from pypdfium2 import PdfDocument

from persona_access.audit.chain import Chain
from persona_access.base.files import sha256_of
from persona_access.outputs.evidence import queries, verify
from persona_access.outputs.evidence.cover import CODED, Section, Table, controls
from persona_access.outputs.evidence.pdf import pdf_of
from scenarios.bank import WEEKS
from scenarios.project import ROOT, Project, Row

WEEK = WEEKS[3]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def audited_bank(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the bank's newest week again, now with its tests."""
    home = tmp_path_factory.mktemp("audited") / "home"
    shutil.copytree(built_bank.settings.home, home)
    bank = built_bank.with_home(home)
    (result,) = bank.build(WEEK)
    assert result.is_complete, result.problems
    return bank


@pytest.fixture(scope="module")
def pack(audited_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("evidence") / "pack.zip"
    result = audited_bank.run("evidence", "--week", str(WEEK), "--out", str(file))
    assert result.exit_code == 0, result.output
    return file


def test_the_pack_is_on_record(audited_bank: Project, pack: Path) -> None:
    entries = Chain(audited_bank.settings.home / "audit" / "log.jsonl").read()
    packs = [entry.what for entry in entries if entry.action == "evidence"]
    assert {"pack": pack.name, "sha256": sha256_of(pack)} in packs


def rows_of(pack: Path, name: str) -> list[Row]:
    with zipfile.ZipFile(pack) as members:
        return list(csv.DictReader(io.StringIO(members.read(name).decode(), newline="")))


def check(pack: Path) -> int:
    return verify.main([str(pack)])


def test_the_pack_says_what_the_warehouse_says(audited_bank: Project, pack: Path) -> None:
    pairs = audited_bank.query(
        "select reconciliation_status, count(*) as n from marts.fct_access_reconciliation "
        f"where as_of_date = '{WEEK}' group by all"
    )
    counted: dict[str, int] = {}
    for row in rows_of(pack, "results.csv"):
        status = row["reconciliation_status"]
        counted[status] = counted.get(status, 0) + int(row["n_pairs"])
    assert counted == {row["reconciliation_status"]: row["n"] for row in pairs}
    changes = audited_bank.query(
        "select finding_change = 'closed' as is_closed, count(*) as n "
        f"from marts.fct_finding_changes where as_of_date = '{WEEK}' group by all"
    )
    assert {
        True: len(rows_of(pack, "findings_closed.csv")),
        False: len(rows_of(pack, "findings_opened.csv")),
    } == {row["is_closed"]: row["n"] for row in changes}
    tests = rows_of(pack, "tests.csv")
    assert len(tests) > 50
    assert {row["test_status"] for row in tests} <= {"pass", "warn"}
    assert len(rows_of(pack, "row_tie_out.csv")) == 10


def test_a_closed_finding_says_how_that_was_seen(pack: Path) -> None:
    for row in rows_of(pack, "findings_closed.csv"):
        assert row["status_now"] != row["finding_type"]
        assert row["registry_load_id"] == f"iam_app_registry_{WEEK}_v1"
        assert row["is_registry_fresh"] == "true"
        if row["seen_in"] == "iam_app_registry":
            assert (row["is_held_now"] == "true") == (row["finding_type"] == "missing")
    assert any(row["seen_in"] for row in rows_of(pack, "findings_closed.csv"))


def test_exceptions_stand_with_their_last_day(pack: Path) -> None:
    kinds = {row["exception_kind"] for row in rows_of(pack, "exceptions.csv")}
    assert kinds == {"waiver", "override", "non-human account"}
    for row in rows_of(pack, "exceptions.csv"):
        if row["exception_state"] == "in_force" and row["valid_to"]:
            days = (date.fromisoformat(row["valid_to"]) - WEEK).days
            assert int(row["n_days_left"]) == days >= 0
    assert all(row["approved_by"] for row in rows_of(pack, "rules_in_force.csv"))


def test_the_same_week_gives_the_same_bytes(
    audited_bank: Project, pack: Path, tmp_path: Path
) -> None:
    again = tmp_path / "pack.zip"
    audited_bank.run("evidence", "--week", str(WEEK), "--out", str(again))
    assert again.read_bytes() == pack.read_bytes()


def test_anybody_can_check_it_without_the_project(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as members:
        members.extractall(tmp_path)
    alone = [sys.executable, "-I", str(tmp_path / "verify.py")]
    for command in (
        [*alone, str(pack)],
        alone,
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        ["sha256sum", "-c", str(pack) + ".sha256"],
    ):
        folder = pack.parent if command[-1].endswith(".zip.sha256") else tmp_path
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "results.csv").write_text("n_pairs\n", "utf-8")
    (tmp_path / "more.csv").write_text("", "utf-8")
    done = subprocess.run(alone, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert "results.csv: was changed" in done.stdout
    assert "more.csv: does not belong here" in done.stdout


def test_one_changed_byte_anywhere_is_found(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(pack) == 0
    whole = pack.read_bytes()
    changed = tmp_path / "pack.zip"
    # The range contains all members' headers and the directory; a prime step reaches all of them.
    places = {*range(0, len(whole), 1009), *range(60), *range(len(whole) - 200, len(whole))}
    for place in sorted(places):
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert check(changed) == 1, place
    for other in (whole + b"\0", b"\0" + whole, whole[:-1]):
        changed.write_bytes(other)
        assert check(changed) == 1
    capsys.readouterr()


def test_a_pack_whose_sums_are_wrong_is_found(pack: Path) -> None:
    """Hashes alone would accept a pack whose hashes were recomputed."""
    with zipfile.ZipFile(pack) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["row_tie_out.csv"] = b"load_id,law,n_rows_in,n_rows_out\nx,in = out,2,1\n"
    scope = json.loads(members["scope.json"])
    members["scope.json"] = json.dumps(scope | {"n_pairs": 0}).encode()
    members[verify.SUMS] = verify.sums(members)
    assert [fault.split(":")[0] for fault in verify.faults(members)] == [
        "row_tie_out.csv",
        "row_tie_out.csv",
        "results.csv",
    ]


def test_a_week_without_tests_gives_no_evidence(built_bank: Project, tmp_path: Path) -> None:
    file = tmp_path / "pack.zip"
    result = built_bank.run("evidence", "--week", str(WEEK), "--out", str(file))
    assert result.exit_code == 1
    assert "was built without" in result.output
    assert f"rebuild --from {WEEK}" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_week_that_is_not_built_gives_no_evidence(built_bank: Project, tmp_path: Path) -> None:
    result = built_bank.run("evidence", "--week", "2026-01-06", "--out", str(tmp_path / "a.zip"))
    assert result.exit_code == 1
    assert "The week 2026-01-06 is not built" in result.output


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "update runs.week_inputs set sha256 = 'another' where input_name = 'waivers.csv'",
            "waivers.csv is not what the week",
        ),
        (
            "update runs.week_builds set is_complete = false, n_failures = 2",
            "was not built completely (failed tests: 2",
        ),
        (
            "update runs.test_results set test_status = 'not_run' where test_name like '%status'",
            "was built without all of its tests (assert_every_pair_has_one_status",
        ),
        (
            "update marts.fct_quarantine_by_week set n_rows = n_rows + 1",
            "changed since its build: fct_quarantine_by_week",
        ),
        (
            "update raw.load_ledger set n_rows_loaded = n_rows_loaded + 1",
            "does not add up, so no pack was written",
        ),
    ],
    ids=["other decisions", "not whole", "a test left out", "a mart changed", "a row lost"],
)
def test_what_cannot_be_proved_is_refused(
    audited_bank: Project, tmp_path: Path, change: str, sentence: str
) -> None:
    shutil.copytree(audited_bank.settings.home, tmp_path / "home")
    bank = audited_bank.with_home(tmp_path / "home")
    with duckdb.connect(str(bank.settings.warehouse)) as connection:
        connection.sql(change)
    result = bank.run("evidence", "--week", str(WEEK), "--out", str(tmp_path / "a.zip"))
    assert result.exit_code == 1
    assert sentence in result.output
    assert not (tmp_path / "a.zip").exists()


def test_the_pack_holds_who_was_asked_what(audited_bank: Project, pack: Path) -> None:
    listed = audited_bank.query(
        f"select item_id from marts.fct_review_lists where as_of_date = '{WEEK}' order by 1"
    )
    population = rows_of(pack, "review_population.csv")
    assert sorted(row["item_id"] for row in population) == [row["item_id"] for row in listed]
    assert len(population) > 10
    with zipfile.ZipFile(pack) as members:
        cover = members.read("cover.html").decode()
    assert f"Access review, week {WEEK}" in cover
    assert "0 valid answers were given by the person" in cover


def test_every_point_of_the_checklist_names_files_and_a_section_of_the_pack(pack: Path) -> None:
    with zipfile.ZipFile(pack) as members:
        names = set(members.namelist())
        cover = members.read("cover.html").decode()
    standards = {each.standard.split(":")[0] for each in controls()}
    assert standards == {"SOX ITGC", "PCI DSS 4.0.1", "NIST SP 800-53 r5", "ISO/IEC 27001"}
    for each in controls():
        assert set(each.files.split(", ")) <= names, each
        section = cover.partition(f'id="section-{each.section}"')[2].partition("<h2")[0]
        shown = set(re.findall(r"<caption>[^<]*\((.*?)\)</caption>", section))
        assert shown & set(each.files.split(", ")), (each, shown)
    assert [row["point"] for row in rows_of(pack, "checklist.csv")] == [
        each.point for each in controls()
    ]
    page = (ROOT / "docs" / "audit_checklist.md").read_text("utf-8")
    for each in controls():
        cells = (each.standard, each.point, each.files.replace(", ", "`, `"), each.section)
        assert "| {} | {} | `{}` | {} |".format(*cells) in page


def test_the_cover_is_a_pdf_with_the_same_sections(pack: Path) -> None:
    with zipfile.ZipFile(pack) as members:
        content = members.read("cover.pdf")
        cover = members.read("cover.html").decode()
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    titles = re.findall(r'<h2 id="section-\d+">(\d+\. [^<]+)</h2>', cover)
    assert len(titles) == 10
    # The outline of the PDF has each section, as readers show it beside the pages.
    for title in titles:
        in_outline = title.encode("utf-16-be").replace(b"\\", b"")
        assert title.encode() in content or in_outline in content, title


def test_the_pdf_has_names_of_every_alphabet() -> None:
    names = [
        "Αλέξανδρος Παπαδόπουλος",
        "Дмитрий Щербаков, Їжакевич",
        "Łukasz Żółć-Świątek",
        "Şükrü Çağlayan ıİ",
        "王小明 歐陽",
        "田中さくら",
        "김철수",
        "Nguyễn Thị Hồng",
        "naïve “quoted” €",
    ]
    # Decomposed accents are composed; scripts that the fonts lack are in plain letters.
    others = {"Zoe\u0308": "Zoë", "ბერი": "beri", "😀 left out": "left out"}
    rows = [[name] for name in (*names, *others)]
    sections = [Section("王小明", ["Łukasz"], [Table("Names", ["Όνομα"], rows, "names.csv")])]
    content = pdf_of(sections, WEEK)
    pages = PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    lines = {line.strip() for line in text.splitlines()}
    assert {*names, *others.values(), "1. 王小明", "Όνομα"} <= lines
    assert "?" not in text
    # One glyph for each drawn character, and not a font of 16 MB.
    assert len(content) < 60_000
    assert content == pdf_of(sections, WEEK)


def test_the_pdf_writes_from_the_right_and_joins_letters() -> None:
    names = ["שלום כהן", "محمد الأحمد", "राजेश कुमार", "สมชาย ใจดี"]
    rows = [[name, "beside 王小明"] for name in names]
    sections = [Section("Names", [], [Table("Names", ["Name", "In"], rows, "names.csv")])]
    content = pdf_of(sections, WEEK)
    found = PdfDocument(content)[0].get_textpage()
    text = found.get_text_bounded()
    # For joined letters, a PDF reader returns the letters in its own order.
    assert not set("".join(names)) - set(text)
    first, last = (found.get_charbox(found.search(sign).get_next()[0])[0] for sign in "שן")
    assert last < first
    # A character between the letters (ZWNJ) keeps them from joining, and is not drawn itself.
    joined, apart = (
        bytes(PdfDocument(pdf_of([Section(name, [], [])], WEEK))[0].render().buffer)
        for name in ("محمد", "\u200c".join("محمد"))
    )
    assert joined != apart
    assert content == pdf_of(sections, WEEK)


def test_every_code_of_the_pack_is_in_its_codebook(pack: Path) -> None:
    known = {(row["column"], row["word"]) for row in rows_of(pack, "codebook.csv")}
    used = set()
    with zipfile.ZipFile(pack) as members:
        files = [name for name in members.namelist() if name.endswith(".csv") and "/" not in name]
    for name in files:
        for row in rows_of(pack, name):
            used |= {(column, row[column]) for column in CODED if row.get(column)}
    assert len(used) > 20
    assert used <= known, used - known


def test_privileged_access_and_its_last_use_are_those_of_the_registry(
    audited_bank: Project, pack: Path
) -> None:
    held = audited_bank.query(
        "select brid, application_id, last_used_date is not null as is_known, is_privileged "
        f"from marts.fct_access_reconciliation where as_of_date = '{WEEK}' and is_granted"
    )
    privileged = {(row["brid"], row["application_id"]) for row in held if row["is_privileged"]}
    found = rows_of(pack, "privileged.csv")
    assert {(row["brid"], row["application_id"]) for row in found} == privileged
    assert len(found) == len(privileged)
    coverage = rows_of(pack, "last_used.csv")
    assert sum(int(row["n_held"]) for row in coverage) == len(held)
    assert sum(int(row["n_with_last_used"]) for row in coverage) == sum(r["is_known"] for r in held)


INVENTED = f"""
    create schema marts;
    create table marts.fct_access_reconciliation as
        select date '{WEEK}' as as_of_date, * from (values
            ('1', 'vault', true, true, date '{WEEK}' - 120),
            ('2', 'vault', true, true, null),
            ('3', 'vault', true, false, date '{WEEK}' - 3),
            ('4', 'vault', false, true, date '{WEEK}' - 120)
        ) as rows (brid, application_id, is_granted, is_privileged, last_used_date);
    alter table marts.fct_access_reconciliation add column reconciliation_status varchar;
    alter table marts.fct_access_reconciliation add column reconciliation_reason varchar;
    alter table marts.fct_access_reconciliation add column disposition varchar;
    alter table marts.fct_access_reconciliation add column granted_date date;
    create table marts.fct_review_lists as
        select date '{WEEK}' as as_of_date, * from (values
            ('10', 'i1', '1', 'vault'), ('20', 'i1', '1', 'vault'), ('2', 'i2', '2', 'vault')
        ) as rows (reviewer_brid, item_id, brid, application_id);
    create table marts.fct_review_decisions as
        select
            date '{WEEK}' as as_of_date, date '{WEEK}' as list_week, date '{WEEK}' as answered_date,
            null::date as keep_until, 'G' as last_held_load_id, null as first_gone_load_id, *
        from (values
            ('d1', '10', 'i1', '1', 'vault', '10', 'keep', 'exception_in_force', 'valid'),
            ('d2', '20', 'i1', '1', 'vault', '1', 'revoke', 'removed', 'invalid'),
            ('d3', '10', 'i9', '9', 'vault', '10', 'revoke', 'removal_requested', 'valid'),
            ('d4', '10', 'i1', '1', 'vault', '1', 'keep', 'rejected', 'invalid')
        ) as rows (decision_id, reviewer_brid, item_id, brid, application_id, decided_by, decision,
            decision_state, code_state);
    create table marts.fct_finding_weeks as
        select
            date '{WEEK}' as as_of_date, '3' as brid, 'vault' as application_id,
            'excess' as finding_type, date '{WEEK}' as opened_date, 'open' as finding_state,
            'open' as disposition;
"""


def asked(name: str) -> list[Row]:
    """Run a query of the pack on an invented review in which each check fails once."""
    with duckdb.connect() as connection:
        connection.execute(INVENTED)
        found = connection.execute(queries.MEMBERS[name], {"week": WEEK})
        columns = [column[0] for column in found.description or []]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def test_every_check_of_a_review_finds_its_fault() -> None:
    faults = {row["check_name"]: row["n_faults"] for row in asked("checks.csv")}
    assert len(faults) == 7
    assert set(faults.values()) == {1}


def test_privileged_access_stands_with_its_reviewers_and_decision() -> None:
    rows = {row["brid"]: row for row in asked("privileged.csv")}
    assert rows.keys() == {"1", "2"}
    assert set(rows["1"]["reviewers"].split(" + ")) == {"10", "20"}
    assert rows["1"]["newest_decision"] == "revoke"
    assert rows["2"]["newest_decision"] is None


def test_the_coverage_of_last_use_counts_what_is_held() -> None:
    (row,) = asked("last_used.csv")
    assert (row["n_held"], row["n_with_last_used"], row["n_unused_90_days"]) == (3, 2, 1)
    assert float(row["percent_covered"]) == 66.7
    (unused,) = asked("unused.csv")
    assert (unused["brid"], unused["application_id"], unused["n_days_unused"]) == (
        "1",
        "vault",
        120,
    )


def test_a_check_of_the_review_that_fails_is_a_fault_of_the_pack(pack: Path) -> None:
    checks = rows_of(pack, "checks.csv")
    assert len(checks) == 7
    assert {row["n_faults"] for row in checks} == {"0"}
    with zipfile.ZipFile(pack) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["checks.csv"] = members["checks.csv"].replace(b",0\n", b",2\n", 1)
    members[verify.SUMS] = verify.sums(members)
    (fault,) = verify.faults(members)
    assert fault.startswith("checks.csv: 2 of")


def test_a_signed_pack_differs_from_one_that_was_made_again(
    audited_bank: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A person who recomputes every hash does not have the key."""
    monkeypatch.setenv("PERSONA_ACCESS_EVIDENCE_KEY", base64.b64encode(bytes(range(32))).decode())
    file = tmp_path / "pack.zip"
    result = audited_bank.run("evidence", "--week", str(WEEK), "--out", str(file), "--json")
    assert result.exit_code == 0, result.output
    key = json.loads(result.stdout)["public_key"]
    assert verify.main([str(file), "--key", key]) == 0
    with zipfile.ZipFile(file) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    members["removals.csv"] = members["removals.csv"].replace(b"item_id", b"item_ID")
    members["SHA256SUMS"] = verify.sums(members)
    verify.write_pack(members, file)
    assert verify.main([str(file)]) == 0
    assert verify.main([str(file), "--key", key]) == 1
    told = capsys.readouterr().out
    assert "The signature was not checked: add --key" in told
    assert "the signature is not valid" in told
    assert told.endswith("nothing shows that the owner of the key made it.\n")
    assert verify.main([str(file), "--key", "half a key"]) == 1
    assert "The key cannot be read: it has 44 characters" in capsys.readouterr().out
    (tmp_path / "pack.zip.sig").unlink()
    assert verify.main([str(file), "--key", key]) == 1
    assert "pack.zip.sig is not beside the pack" in capsys.readouterr().out
    with zipfile.ZipFile(file) as pack:
        pack.extractall(tmp_path / "unpacked")
    assert verify.main([str(tmp_path / "unpacked"), "--key", key]) == 1
    assert "give PACK.zip with --key" in capsys.readouterr().out
