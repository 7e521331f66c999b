"""A work list that was answered in any supported way returns with its decisions."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from dangerous_texts import DANGEROUS
from loader_home import Home
from persona_access.base.printable import harmless
from persona_access.base.warehouse import reading
from persona_access.outputs.release.catalogue import published_marts
from persona_access.outputs.release.export import export_mart
from persona_access.outputs.work_lists import write, write_work_lists
from scenarios.bank import WEEKS
from scenarios.project import Project

KEY = "a-key-that-only-the-tests-know"
WEEK = WEEKS[3]
REVIEWER = "4999"
MARTS = ("dim_employees", "rpt_work_list_items", "fct_silent_applications")
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
LATER = WEEK + dt.timedelta(days=60)
Answer = dict[str, Any]


@pytest.fixture(autouse=True)
def list_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", KEY)


@pytest.fixture(scope="module")
def marts(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the marts for lists; no one has a manager, so one reviewer gets everything."""
    folder = tmp_path_factory.mktemp("marts")
    published = published_marts(built_bank._dbt.manifest)
    with reading(built_bank.settings.warehouse) as connection:
        for name in MARTS:
            export_mart(connection, published[name], WEEK, folder)
    items = folder / "rpt_work_list_items.parquet"
    with duckdb.connect() as connection:
        connection.sql(
            f"create table items as select * replace ('{REVIEWER}' as recipient_brid, "
            f"'{REVIEWER}' as reviewer_brid, 'manager' as recipient_role) from '{items}'"
        )
        connection.sql(f"copy items to '{items}' (format parquet)")
    return folder


@pytest.fixture(scope="module")
def lists(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the lists of the bank's newest week; one finding was on an earlier list."""
    last, out = (tmp_path_factory.mktemp(name) for name in ("last", "out"))
    with duckdb.connect() as connection:
        items = f"'{marts}/rpt_work_list_items.parquet'"
        connection.sql(
            f"copy (select * from {items} where item_id = (select min(item_id) from {items} "
            f"where not is_overdue)) to '{last}/open_items.parquet' (format parquet)"
        )
    (last / "delivery.json").write_text('{"as_of_date": "2026-01-12", "compared_with": null}')
    write_work_lists(marts, out, last, [KEY])
    return out


def list_of(lists: Path, ending: str) -> Path:
    return lists / f"review_decisions_{REVIEWER}_{WEEK}{ending}"


def header_of(sheet: Any) -> tuple[int, dict[str, int]]:
    """Return the row of the header, and the column of each caption, as openpyxl counts them."""
    for row in sheet.iter_rows(max_row=3):
        captions = {str(cell.value): cell.column for cell in row if cell.value}
        if "Item ID" in captions:
            return int(row[0].row), captions
    raise AssertionError(f"no header in {sheet.title}")


def answer_in(book: Any) -> dict[str, Answer]:
    """Answer every line of a workbook like a reviewer who knows the decisions."""
    said: dict[str, Answer] = {}
    for sheet in book.worksheets[:-1]:
        top, at = header_of(sheet)
        for row in range(top + 1, sheet.max_row + 1):
            item = sheet.cell(row, at["Item ID"]).value
            kind = sheet.cell(row, at["Kind"]).value
            answer: Answer = {"Decision": "revoke"}
            if item == "attestation":
                answer = {"Decision": "attest"}
            elif kind == "Missing":
                answer = {"Decision": "keep", "Decision reason": "=late", "Keep until": LATER}
            for caption, value in answer.items():
                sheet.cell(row, at[caption]).value = value
                sheet.cell(row, at[caption]).data_type = "d" if isinstance(value, dt.date) else "s"
            said[item] = answer
    return said


def landed(home: Home) -> dict[str, tuple[str | None, ...]]:
    return {
        row[0]: row[1:]
        for row in home.rows(
            "review_decisions",
            "item_id, decision, decision_reason, keep_until, code_state, reviewer_brid",
        )
    }


def expected(said: dict[str, Answer]) -> dict[str, tuple[str | None, ...]]:
    return {
        item: (
            answer["Decision"],
            answer.get("Decision reason"),
            LATER.isoformat() if "Keep until" in answer else None,
            "valid",
            REVIEWER,
        )
        for item, answer in said.items()
    }


def test_a_workbook_comes_back_as_it_was_answered(lists: Path, home: Home) -> None:
    """Items that were only on the sheet of open items return, too."""
    file = list_of(lists, ".xlsx")
    book = openpyxl.load_workbook(file)
    assert book.sheetnames[:2] == ["To review", "Still open"]
    said = answer_in(book)
    book.save(home.drop_zone / file.name)
    found = home.load().only
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", 0)
    assert landed(home) == expected(said)
    assert len(said) > 10


_XLSX = "xlsx:Calc MS Excel 2007 XML"
# Separator, quotes, UTF-8, first line; then which values are kept as shown.
_CSV = "csv:Text - txt - csv (StarCalc):{},34,{},1,,0,false,true"


def saved_by_libreoffice(file: Path, folder: Path, *ways: str, read_as: str = "") -> Path:
    """Open a file in LibreOffice and save it in each of these formats, one after the other."""
    assert SOFFICE
    for number, way in enumerate(ways):
        out = folder / str(number)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        reader = [f"--infilter={read_as}"] if read_as else []
        to = ("--headless", *reader, "--convert-to", way, "--outdir", str(out), str(file))
        subprocess.run([SOFFICE, profile, *to], check=True, capture_output=True, timeout=180)
        file = (out / file.name).with_suffix(f".{way.partition(':')[0]}")
    return file


needs_libreoffice = pytest.mark.skipif(
    not SOFFICE, reason="no LibreOffice: apt-get install libreoffice-calc-nogui"
)


@needs_libreoffice
@pytest.mark.parametrize("ways", [(_XLSX,), ("ods",), ("ods", _XLSX)])
def test_a_workbook_saved_by_libreoffice_comes_back(
    lists: Path, home: Home, tmp_path: Path, ways: tuple[str, ...]
) -> None:
    file = list_of(lists, ".xlsx")
    book = openpyxl.load_workbook(file)
    said = answer_in(book)
    book.save(tmp_path / file.name)
    shutil.copy(saved_by_libreoffice(tmp_path / file.name, tmp_path, *ways), home.drop_zone)
    found = home.load().only
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", 0)
    assert landed(home) == expected(said)


@needs_libreoffice
@pytest.mark.parametrize(
    ("separator", "signs", "read_as", "sentence"),
    [
        (44, 76, 76, ""),
        (59, 76, 76, ""),
        (9, 76, 76, ""),
        (44, 65535, 76, "save it as 'CSV UTF-8'"),
        (44, 76, 1, "opened and saved in another character set"),
    ],
)
def test_a_csv_list_saved_by_libreoffice_comes_back(
    lists: Path, home: Home, tmp_path: Path, separator: int, signs: int, read_as: int, sentence: str
) -> None:
    """Another separator is accepted; another character set is refused, never partly read."""
    file = list_of(lists, ".csv")
    lines = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    for line in lines:
        if line["Kind"] == "Missing":
            line |= {"Decision": "keep", "Decision reason": "late, as agreed; for now"}
            line |= {"Keep until": LATER.isoformat()}
    with (tmp_path / file.name).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    way = _CSV.format(separator, signs)
    saved = saved_by_libreoffice(
        tmp_path / file.name, tmp_path, way, read_as=f"CSV:44,34,{read_as},1"
    )
    shutil.copy(saved, home.drop_zone)
    found = home.load().only
    if sentence:
        assert found["outcome"] == "refused"
        assert sentence in found["sentence"]
        return
    assert (found["outcome"], found["n_rows_quarantined"]) == ("loaded", 0), found
    assert landed(home) == {
        line["Item ID"]: (
            line["Decision"] or None, line["Decision reason"] or None,
            line["Keep until"] or None, "valid", REVIEWER,
        )
        for line in lines
    }  # fmt: skip


@needs_libreoffice
def test_a_workbook_forged_in_libreoffice_proves_nothing(
    lists: Path, home: Home, tmp_path: Path
) -> None:
    """Codes sorted apart from their items, and another reviewer's name under the same codes."""
    file = list_of(lists, ".xlsx")
    book = openpyxl.load_workbook(file)
    answer_in(book)
    sheet = book["To review"]
    top, at = header_of(sheet)
    rows = range(top + 1, sheet.max_row + 1)
    codes = [sheet.cell(row, at["List code"]).value for row in rows]
    for row, code in zip(rows, [*codes[1:], codes[0]], strict=True):
        sheet.cell(row, at["List code"]).value = code
    for other in book.worksheets[1:-1]:
        top, at = header_of(other)
        for row in range(top + 1, other.max_row + 1):
            other.cell(row, at["Reviewer BRID"]).value = "4998"
    book.save(tmp_path / file.name)
    shutil.copy(saved_by_libreoffice(tmp_path / file.name, tmp_path, _XLSX), home.drop_zone)
    assert home.load().only["outcome"] == "loaded"
    assert set(home.rows("review_decisions", "code_state")) == {("invalid",)}


def test_a_csv_list_comes_back_half_answered_and_in_another_order(lists: Path, home: Home) -> None:
    file = list_of(lists, ".csv")
    lines = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    for line in lines[:3]:
        line["Decision"] = "revoke"
    with (home.drop_zone / file.name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(reversed(lines))
    assert home.load().only["outcome"] == "loaded"
    found = landed(home)
    assert len(found) == len(lines)
    assert {row[3] for row in found.values()} == {"valid"}
    assert sorted(item for item, row in found.items() if row[0]) == sorted(
        line["Item ID"] for line in lines[:3]
    )


def test_ids_and_codes_are_protected_and_answers_are_offered(lists: Path) -> None:
    book = openpyxl.load_workbook(list_of(lists, ".xlsx"))
    sheet = book["To review"]
    top, at = header_of(sheet)
    assert sheet.protection.sheet
    assert sheet.cell(1, 1).value.startswith("Fill in the yellow cells")
    for caption, column in at.items():
        is_open = not sheet.cell(top + 1, column).protection.locked
        assert is_open == (column <= 6), caption
    offered = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert '"revoke,keep,wrong persona,not mine"' in offered
    assert '"attest"' in offered


def lists_of(marts: Path, out: Path, changes: str, keys: Sequence[str] = ()) -> Path:
    """Write the lists of the bank's items with these changes to them."""
    changed = out / "marts"
    shutil.copytree(marts, changed)
    with duckdb.connect() as connection:
        connection.sql(
            f"copy (select * replace ({changes}) from '{marts}/rpt_work_list_items.parquet') "
            f"to '{changed}/rpt_work_list_items.parquet' (format parquet)"
        )
    written = out / "lists"
    written.mkdir()
    write_work_lists(changed, written, keys=keys)
    return written


def test_a_delegate_answers_on_a_list_with_codes_of_their_own(
    marts: Path, tmp_path: Path, home: Home
) -> None:
    """The codes prove only the reviewer's own name in Decided by, not another name or none."""
    changes = "'4998' as recipient_brid, 'delegate' as recipient_role, 'Ada' as reviewer_name"
    lists = lists_of(marts, tmp_path, changes, [KEY])
    (file,) = lists.glob("review_decisions_*.csv")
    assert file.name == f"review_decisions_4998_for_{REVIEWER}_{WEEK}.csv"
    assert '"delegate": "4998"' in file.with_suffix(".html").read_text("utf-8")
    book = openpyxl.load_workbook(file.with_suffix(".xlsx"))
    top, at = header_of(book["To review"])
    assert book["To review"].cell(top + 1, at["Decided by"]).value == "4998"
    assert f"You answer for Ada ({REVIEWER})" in book.worksheets[-1]["A2"].value
    lines = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    assert {(line["Decided by"], line["Reviewer BRID"]) for line in lines} == {("4998", REVIEWER)}
    for line, by in zip(lines, ("4998", "4997", "", REVIEWER), strict=False):
        line |= {"Decision": "revoke", "Decided by": by}
    with (home.drop_zone / file.name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    assert home.load().only["outcome"] == "loaded"
    rows = home.rows("review_decisions", "decided_by, code_state, decision")
    assert {row[:2] for row in rows if row[2] == "revoke"} == {
        ("4998", "valid"), ("4997", "invalid"), (None, "invalid"), (REVIEWER, "invalid"),
    }  # fmt: skip
    assert {row[1] for row in rows if row[2] != "revoke"} == {"valid"}


def test_lists_without_a_key_bear_no_code(marts: Path, tmp_path: Path) -> None:
    lists = lists_of(marts, tmp_path, "'</script><b>Name' as full_name")
    text = list_of(lists, ".html").read_text("utf-8")
    assert '"code":""' in text
    # The text of a feed cannot close a script element.
    assert "</script><b>" not in text
    assert "Name" in text


@pytest.mark.parametrize("value", DANGEROUS)
def test_no_text_of_a_list_becomes_a_formula(marts: Path, tmp_path: Path, value: str) -> None:
    quoted = value.replace("'", "''")
    lists = lists_of(marts, tmp_path, f"'{quoted}' as full_name, '{quoted}' as application_name")
    for line in csv.DictReader(list_of(lists, ".csv").open(encoding="utf-8-sig", newline="")):
        if line["Item ID"] != "attestation":
            assert line["Name"] == line["Application"] == harmless(value) != value


def test_a_long_workbook_holds_the_most_urgent_lines_and_is_signed_elsewhere(
    marts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "WORKBOOK_LINES", 3)
    lists = lists_of(marts, tmp_path, "age_days as age_days", [KEY])
    in_csv = list(csv.DictReader(list_of(lists, ".csv").open(encoding="utf-8-sig", newline="")))
    sheet = openpyxl.load_workbook(list_of(lists, ".xlsx"))["To review"]
    top, at = header_of(sheet)
    column = at["Item ID"]
    shown = [sheet.cell(row, column).value for row in range(top + 1, sheet.max_row + 1)]
    assert shown == [line["Item ID"] for line in in_csv][:3]
    n_lines = len(in_csv) - 1
    assert f"the 3 most urgent of {n_lines} lines" in sheet.cell(1, 1).value
    assert "attestation" in {line["Item ID"] for line in in_csv}
    page = list_of(lists, ".html").read_text("utf-8")
    assert page.count('"why":') == n_lines > 3


@pytest.fixture
def page(browser: Browser, lists: Path) -> Iterator[Page]:
    """Open the reviewer's page from its folder; no error or network request may occur."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "blob:")) else faults.append(request.url)
        ),
    )
    page.goto(list_of(lists, ".html").as_uri())
    yield page
    context.close()
    assert faults == []


def decided(page: Page) -> int:
    return int(page.locator("#progress").inner_text().split()[0])


def items_of(page: Page) -> list[Answer]:
    found = json.loads(page.locator("#list").text_content() or "")
    return [item | {"choices": found["choices"][item["kind"]]} for item in found["items"]]


def save(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.keyboard.press("s")
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_the_page_decides_by_keyboard_and_its_file_is_loaded(page: Page, home: Home) -> None:
    page.locator("tr[data-id]").first.click()
    first = page.locator("tr.current").get_attribute("data-id")
    page.keyboard.press("w")
    page.locator("#ask-id").fill("P-9")
    page.locator("#ask-ok").click()
    second = page.locator("tr.current").get_attribute("data-id")
    assert first != second
    page.keyboard.press("k")
    page.locator("#ask-reason").fill('Covers, "as agreed"')
    page.locator("#ask-ok").click()
    assert page.locator("#ask-fault").inner_text() == "Choose a last day that is still to come."
    page.locator("#ask-until").fill("2199-01-31")
    page.keyboard.press("Enter")
    assert decided(page) == 2
    page.locator("#attest").check()
    file = save(page, home.drop_zone)
    assert file.name.startswith(f"review_decisions_{REVIEWER}_")
    assert home.load().only["outcome"] == "loaded"
    rows = home.rows(
        "review_decisions",
        "item_id, decision, persona_id, decision_reason, keep_until, code_state, decided_at",
    )
    found = {row[0]: row[1:-1] for row in rows}
    assert found == {
        first: ("wrong persona", "P-9", None, None, "valid"),
        second: ("keep", None, 'Covers, "as agreed"', "2199-01-31", "valid"),
        "attestation": ("attest", None, None, None, "valid"),
    }
    assert all(dt.datetime.fromisoformat(row[-1]) for row in rows)


def test_the_largest_cause_is_decided_in_two_actions_undone_and_resumed(page: Page) -> None:
    items = items_of(page)
    sizes: dict[str, int] = {}
    for item in items:
        if "revoke" in item["choices"]:
            sizes[item["group"]] = sizes.get(item["group"], 0) + 1
    group = max(sizes, key=lambda name: sizes[name])
    row = page.locator("tr.group", has_text=group)
    row.get_by_role("button").click()
    page.keyboard.press("r")
    assert decided(page) == sizes[group] > 1
    page.keyboard.press("u")
    assert decided(page) == 0
    row.get_by_role("button").click()
    page.keyboard.press("r")
    page.reload()
    assert decided(page) == sizes[group]
    page.locator("#show").select_option("open")
    assert page.locator("tr[data-id]").count() == len(items) - sizes[group]


@pytest.fixture
def page_of_forty(browser: Browser, marts: Path, tmp_path: Path) -> Iterator[Page]:
    """Open a list of 40 lines: 35 have one cause, over as many applications, and 5 are missing."""
    changed, out = tmp_path / "marts", tmp_path / "out"
    shutil.copytree(marts, changed)
    out.mkdir()
    items = changed / "rpt_work_list_items.parquet"
    with duckdb.connect() as connection:
        connection.sql(
            "create table items as select one.* replace ("
            "format('{}:app{}:{}:2026-01-12', one.brid, n, if(n < 35, 'excess', 'missing')) as "
            "item_id, format('app{}', n) as application_id, format('App {}', n) as "
            "application_name, if(n < 35, 'excess', 'missing') as finding_type, "
            "if(n < 35, 'leaver', 'never_granted') as reconciliation_reason, "
            "if(n < 35, 'Live grants of one leaver', null) as cause_title) "
            f"from (from '{items}' where finding_type = 'excess' limit 1) as one, range(40) as r(n)"
        )
        connection.sql(f"copy items to '{items}' (format parquet)")
    write_work_lists(changed, out, None, [KEY])
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(list_of(out, ".html").as_uri())
    yield page
    context.close()


def test_forty_lines_of_which_one_cause_explains_most_take_three_keys(
    page_of_forty: Page, tmp_path: Path
) -> None:
    page = page_of_forty
    page.keyboard.press("g")
    page.keyboard.press("r")
    file = save(page, tmp_path)
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == decided(page) == 35
    assert {row["decision"] for row in rows} == {"revoke"}
    assert len({row["item_id"] for row in rows}) == 35


def test_the_arrows_reach_every_line_of_every_group(page_of_forty: Page) -> None:
    reached = []
    for _ in range(40):
        reached.append(page_of_forty.locator("tr.current").get_attribute("data-id"))
        page_of_forty.keyboard.press("ArrowDown")
    assert len(set(reached)) == 40


def test_the_page_says_which_selected_lines_a_decision_leaves_out(page_of_forty: Page) -> None:
    page_of_forty.keyboard.press("a")
    page_of_forty.keyboard.press("r")
    assert decided(page_of_forty) == 35
    told = page_of_forty.locator("#selected").inner_text()
    assert told == 'Left out: 5 selected lines for which "revoke" is not a decision.'


def test_the_page_fits_a_narrow_window_and_paper(page_of_forty: Page) -> None:
    """A window of 640 is one of 1280 at 200 %: nothing is cut off or behind the tools."""
    page = page_of_forty
    tools, row = page.locator("#tools"), page.locator("tr.current")
    for width, height in ((640, 400), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for key in 20 * ["ArrowDown"] + 10 * ["ArrowUp"]:
            page.keyboard.press(key)
            above, here = tools.bounding_box(), row.bounding_box()
            assert above is not None
            assert here is not None
            assert here["y"] >= max(0, above["y"] + above["height"]) - 1
            assert here["y"] + here["height"] <= height + 1
    page.emulate_media(media="print")
    assert not tools.is_visible()
    assert page.locator("tr[data-id]").count() == 40


def test_the_page_is_accessible_and_searched(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    item = items_of(page)[0]
    page.keyboard.press("/")
    page.keyboard.type(f"{item['brid']} {item['application']}")
    assert page.locator("tr[data-id]").count() >= 1
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert "selected" in page.locator("#selected").inner_text()
