"""Work lists: each reviewer gets each item once, and no cell can act as a formula."""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from dangerous_texts import DANGEROUS
from persona_access.base.printable import harmless
from persona_access.base.warehouse import reading
from persona_access.outputs.release.catalogue import published_marts
from persona_access.outputs.release.export import export_mart
from persona_access.outputs.release.masking import MaskingKey, mask_marts
from persona_access.outputs.work_lists import words, write_work_lists
from persona_access.outputs.work_lists.spreadsheet import Column, Sheet, write_csv, write_excel
from scenarios.bank import WEEKS
from scenarios.project import ROOT, Project

WEEK = WEEKS[3]
MARTS = (
    "dim_applications",
    "dim_employees",
    "fct_access_findings",
    "fct_access_reconciliation",
    "fct_persona_assignments",
    "fct_review_items",
    "rpt_work_list_items",
)


@pytest.fixture(scope="module")
def marts(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the marts of the bank's newest week."""
    folder = tmp_path_factory.mktemp("marts")
    published = published_marts(built_bank._dbt.manifest)
    with reading(built_bank.settings.warehouse) as connection:
        for name in MARTS:
            export_mart(connection, published[name], WEEK, folder)
    return folder


@pytest.fixture(scope="module")
def lists(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the first lists."""
    out = tmp_path_factory.mktemp("work_lists")
    write_work_lists(marts, out)
    return out


def rows_of(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.sql(query).fetchall()


def cells_of(file: Path) -> list[list[Any]]:
    """Read the lines of all sheets below their instructions; the header once."""
    book = openpyxl.load_workbook(file)
    lines: list[list[Any]] = []
    for sheet in book.worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        top = next((at for at, row in enumerate(rows) if "Item ID" in row), None)
        if top is not None:
            lines += rows[top if not lines else top + 1 :]
    return lines


@pytest.mark.parametrize("value", DANGEROUS)
def test_no_text_becomes_a_formula(tmp_path: Path, value: str) -> None:
    columns = [Column("Text", 10), Column("Number", 10)]
    write_csv(tmp_path / "a.csv", ["Text", "Number"], [[value, -1]])
    sheets = [Sheet("To review", [[value, -1]])]
    write_excel(tmp_path / "a.xlsx", "A list", columns, sheets, [value], WEEK)
    (_, (in_csv, number)) = csv.reader(
        (tmp_path / "a.csv").read_text("utf-8-sig").splitlines(keepends=True)
    )
    for part in in_csv.replace("\r", "\n").replace("\t", "\n").replace(";", "\n").split("\n"):
        assert not part.strip().startswith(("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}"))
    assert number == "-1"
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["To review"]
    assert sheet["A2"].data_type == "s"
    # It stays text even if somebody edits the cell.
    assert sheet["A2"].quotePrefix
    assert sheet["B2"].value == -1


def test_harmless_text_stays_as_it_is() -> None:
    for text in ("O'Brien", "a-b", "1 = 1", "mail@example.invalid", "50 % + more", ""):
        assert harmless(text) == text


def test_equal_lists_have_equal_bytes(tmp_path: Path, marts: Path, lists: Path) -> None:
    write_work_lists(marts, tmp_path)
    names = {file.name for file in lists.iterdir()}
    assert names == {file.name for file in tmp_path.iterdir()}
    for name in names:
        assert (tmp_path / name).read_bytes() == (lists / name).read_bytes(), name


def test_every_open_finding_is_on_a_list_and_nothing_else(marts: Path, lists: Path) -> None:
    due = rows_of(
        f"select finding_id from '{marts}/fct_access_findings.parquet' "
        "where finding_state = 'open' and disposition = 'open' order by 1"
    )
    listed = rows_of(f"select distinct finding_id from '{lists}/open_items.parquet' order by 1")
    assert len(due) > 10
    assert listed == due


def test_a_person_reads_in_excel_what_the_marts_say(marts: Path, lists: Path) -> None:
    seen = {}
    for file in sorted(lists.glob("*.xlsx")):
        recipient = file.stem.split("_")[2]
        header, *rows = cells_of(file)
        csv_rows = list(csv.reader((lists / f"{file.stem}.csv").open(encoding="utf-8-sig")))
        assert csv_rows[0] == header
        assert len(csv_rows) == len(rows) + 1
        for row in rows:
            line = dict(zip(header, row, strict=True))
            if line["Item ID"] == "attestation":
                continue
            seen[recipient, line["BRID"], line["Application ID"]] = line
    expected = rows_of(
        f"""
        select coalesce(i.recipient_brid, 'nobody'), i.brid, i.application_id, f.finding_type,
            f.opened_date, f.age_days, f.due_date, f.is_overdue, f.is_privileged, r.last_used_date
        from '{lists}/open_items.parquet' as i
        join '{marts}/fct_access_findings.parquet' as f using (finding_id)
        left join '{marts}/fct_access_reconciliation.parquet' as r
            on f.brid = r.brid and f.application_id = r.application_id
        """
    )
    assert len(seen) == len(expected) > 10
    for recipient, brid, application, kind, opened, age, due, overdue, privileged, used in expected:
        line = seen[recipient, brid, application]
        assert line["Kind"] == kind.capitalize()
        assert [_day(line[name]) for name in ("Opened", "Due", "Last used")] == [opened, due, used]
        assert line["Age in days"] == age
        assert (line["Overdue"], line["Privileged"]) == (_word(overdue), _word(privileged))


def _day(value: Any) -> date | None:
    return value.date() if value else None


def _word(value: bool | None) -> str:
    return "yes" if value else "no"


def test_peers_are_counted_again_from_people_and_grants(marts: Path) -> None:
    """The test counts person by person, the mart by sets of personas."""
    held = set(
        rows_of(
            f"select brid, application_id from '{marts}/fct_access_reconciliation.parquet' "
            "where is_granted"
        )
    )
    members: dict[str, set[str]] = {}
    for brid, persona in rows_of(
        f"select brid, persona_id from '{marts}/fct_persona_assignments.parquet' "
        "where persona_id is not null"
    ):
        members.setdefault(persona, set()).add(brid)
    items = rows_of(
        "select brid, application_id, peer_persona_id, n_peers, n_peer_holders "
        f"from '{marts}/fct_review_items.parquet' where peer_persona_id is not null"
    )
    assert len(items) > 10
    for brid, application, persona, n_peers, n_holders in items:
        others = members[persona] - {brid}
        assert brid in members[persona]
        assert n_peers == len(others)
        assert n_holders == sum((other, application) in held for other in others)


def test_the_next_list_has_only_what_is_new_or_now_overdue(
    tmp_path: Path, marts: Path, lists: Path
) -> None:
    last, out, again = (tmp_path / name for name in ("last", "out", "again"))
    for folder in (last, out, again):
        folder.mkdir()
    # A week ago, one finding did not exist, one was not overdue yet, and the rest was unchanged.
    query = f"select min(finding_id) from '{lists}/open_items.parquet' where is_overdue = "
    (new,), (late,) = rows_of(query + "false") + rows_of(query + "true")
    with duckdb.connect() as connection:
        connection.sql(
            f"copy (select * replace (is_overdue and finding_id <> '{late}' as is_overdue) "
            f"from '{lists}/open_items.parquet' where item_id <> '{new}') "
            f"to '{last}/open_items.parquet' (format parquet)"
        )
    (last / "delivery.json").write_text('{"as_of_date": "2026-01-12", "compared_with": null}')
    write_work_lists(marts, out, last)
    assert set(
        rows_of(
            f"select distinct finding_id, listed_as from '{out}/open_items.parquet' "
            "where listed_as is not null"
        )
    ) == {(new, "new"), (late, "overdue")}
    # Delivered items that are still open are counted, and are on a separate sheet.
    rows = list(csv.DictReader((out / "recipients.csv").open(encoding="utf-8-sig")))
    assert sum(int(row["Still open from before"]) for row in rows) > 5
    assert all(bool(row["File"]) == (row["Listed"] != "0") for row in rows)
    # A second release of the same week is compared with the same delivery, not with itself.
    write_work_lists(marts, again, out)
    assert json.loads((again / "delivery.json").read_text())["compared_with"] == "2026-01-12"
    for file in out.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name


def test_masked_marts_give_lists_without_people(
    tmp_path: Path, built_bank: Project, marts: Path, lists: Path
) -> None:
    published = published_marts(built_bank._dbt.manifest)
    masked, out = tmp_path / "masked", tmp_path / "out"
    masked.mkdir()
    out.mkdir()
    key = MaskingKey(b"an invented secret of this test")
    sources = {name: f"select * from read_parquet('{marts}/{name}.parquet')" for name in MARTS}
    with duckdb.connect() as connection:
        mask_marts(connection, {name: published[name] for name in MARTS}, sources, masked, key)
    write_work_lists(masked, out)
    names = rows_of(f"select full_name from '{marts}/dim_employees.parquet'")
    people = {name for (name,) in names if name} | {
        brid for (brid,) in rows_of(f"select brid from '{lists}/open_items.parquet'")
    }
    cells = {
        cell
        for file in out.glob("*.csv")
        for row in csv.reader(file.open(encoding="utf-8-sig"))
        for cell in row
    } | {cell for file in out.glob("*.xlsx") for row in cells_of(file) for cell in row}
    assert any(str(cell).startswith("P-") for cell in cells)
    assert not people & cells
    assert len(rows_of(f"from '{out}/open_items.parquet'")) == len(
        rows_of(f"from '{lists}/open_items.parquet'")
    )


def test_there_are_words_for_every_reason() -> None:
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    others = {"former_persona", "never_granted", "lost_since_last_week"}
    assert {*settings["vars"]["finding_sla_days"], *others} == set(words.REASONS)
    assert set(words.ACTIONS) == set(words.REASONS)


def test_there_are_words_for_every_rejection() -> None:
    """The list, the codebook and the page on reviews name each reason of the model."""
    models = ("int_answers_checked", "int_hand_overs_rejected", "int_review_answers")
    folder = ROOT / "models/intermediate/decisions"
    text = "".join((folder / f"{name}.sql").read_text("utf-8") for name in models)
    reasons = set(re.findall(r"\b(?:then|else) '([a-z_]+)'", text)) - {"attestation"}
    assert len(reasons) > 15
    assert reasons == set(words.REJECTIONS)
    glossary = (ROOT / "models/docs/glossary.md").read_text("utf-8")
    page = (ROOT / "docs/reviews.md").read_text("utf-8")
    for reason in reasons:
        assert f"word__state_reason__{reason} " in glossary
        assert f"`{reason}`" in page


@pytest.mark.parametrize(
    ("used", "sentence"),
    [
        ("2026-01-13", "Left 14 days ago, but still holds it. It was used since."),
        ("2026-01-12", "Left 14 days ago, but still holds it."),
        (None, "Left 14 days ago, but still holds it."),
    ],
)
def test_access_used_after_the_last_day_is_reported(
    tmp_path: Path, marts: Path, used: str | None, sentence: str
) -> None:
    changed, out = tmp_path / "marts", tmp_path / "out"
    shutil.copytree(marts, changed)
    out.mkdir()
    items = f"'{marts}/rpt_work_list_items.parquet'"
    last_used = f"date '{used}'" if used else "null::date"
    with duckdb.connect() as connection:
        connection.sql(
            "copy (select * replace ('finding' as item_kind, 'leaver' as reconciliation_reason, "
            "null::varchar as orphan_detail, 14 as days_since_end, 0 as n_times_waiver_ended, "
            f"1 as n_times_reopened, {last_used} as last_used_date) from {items} limit 1) "
            f"to '{changed}/rpt_work_list_items.parquet' (format parquet)"
        )
    write_work_lists(changed, out)
    (file,) = out.glob("*.xlsx")
    (line,) = [
        dict(zip(cells_of(file)[0], row, strict=True))
        for row in cells_of(file)[1:]
        if "attestation" not in row
    ]
    assert line["Reason"] == f"{sentence} It came back (1 earlier finding)."
