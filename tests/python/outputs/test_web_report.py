"""The web report: its files equal the marts, and its pages equal `explain`.

Pages are opened as people do, from a folder, in the Chromium of the machine. Their pictures are
kept in target/report_screenshots.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pypdfium2
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from dangerous_texts import DANGEROUS
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import harmless, share
from persona_access.base.warehouse import reading
from persona_access.outputs.release.catalogue import (
    Catalogue,
    glossary,
    published_marts,
    read_catalogue,
)
from persona_access.outputs.release.export import export_mart, write_parquet
from persona_access.outputs.release.masking import MaskingKey, mask_marts
from persona_access.outputs.report import subject_tables, week_tables, write_report
from persona_access.outputs.report.subject_tables import OF_PERSON
from persona_access.outputs.report.tables import every_table
from report_files import Document, cells, documents
from scenarios.bank import WEEKS
from scenarios.project import ROOT, Project

WEEK = WEEKS[3]
MARKUP = "<img src=x onerror='document.body.dataset.stolen=1'></script><script>\\'\"</script>"
PAGES = {
    "overview": "index.html",
    "applications": "applications.html",
    "application": "application.html#application=ledger",
    "personas": "personas.html",
    "persona": "persona.html#persona=clerk",
    "people": "people.html",
    "person": "person.html#brid=5053",
    "person_without_hr": "person.html#brid=5003",
    "nobody": "person.html#brid=nobody",
    "findings": "findings.html",
    "movements": "movements.html",
    "changes": "changes.html",
    "decisions": "decisions.html",
    "quality": "quality.html",
    "weeks": "weeks.html",
    "glossary": "glossary.html",
}


@pytest.fixture(scope="module")
def marts(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the newest week, with markup and a formula in two names, and an explained change."""
    folder = tmp_path_factory.mktemp("marts")
    manifest = DbtProject(built_bank.settings).manifest
    published = published_marts(manifest)
    Catalogue(WEEK, published, glossary(manifest)).write(folder)
    with reading(built_bank.settings.warehouse) as warehouse:
        for mart in published.values():
            export_mart(warehouse, mart, WEEK, folder)
    changes = folder / "fct_status_changes.parquet"
    names = "case brid when '5017' then $markup when '5018' then '=1+1' else full_name end"
    with duckdb.connect() as connection:
        for named in ("dim_employees", "rpt_people", "rpt_findings"):
            file = folder / f"{named}.parquet"
            connection.execute(
                f"create table {named} as select * replace ({names} as full_name) from '{file}'",
                {"markup": MARKUP},
            )
            write_parquet(connection, f"from {named}", file)
        # No employee of the bank owns anything.
        for name in ("application", "persona"):
            file = folder / f"rpt_{name}s.parquet"
            connection.execute(
                f"create table {name}s as select * replace (case when {name}_id in ('ledger', "
                f"'clerk', 'courier') then '5043' end as owner_brid) from '{file}'"
            )
            write_parquet(connection, f"from {name}s", file)
        # `why-changed` has not been run for this bank.
        connection.execute(f"create table changes as from '{changes}'")
        connection.execute(
            "insert into changes by name select $week as as_of_date, date '2026-01-12' as "
            "previous_date, '5053' as brid, 'gl' as application_id, 'status' as change_kind, "
            "'hr_changed' as cause, 'match' as status_before, 'no row' as status_after",
            {"week": WEEK},
        )
        write_parquet(connection, "from changes", changes)
    return folder


@pytest.fixture(scope="module")
def report(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(marts, folder)
    return folder


class Reader:
    """A reader of report pages; `faults` collects all errors."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder
        self.faults: list[str] = []
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._seen(request.url))

    def _seen(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.faults.append(f"asks for {url}")

    def open(self, address: str) -> Page:
        """Open a page and wait until it has its data."""
        self.page.goto("about:blank")
        self.page.goto(f"{self._folder.as_uri()}/{address}")
        self.page.wait_for_selector("body[data-drawn]", state="attached")
        return self.page

    def count(self, address: str) -> int:
        """Follow a link to rows, and read how many there are."""
        page, _, filters = address.partition("#")
        table = filters.partition(".")[0]
        if not self.page.url.startswith(f"{self._folder.as_uri()}/{page}#"):
            self.open(f"{page}#")
        self.page.evaluate("hash => { location.hash = hash; }", filters)
        self.page.wait_for_function(
            "hash => document.body.dataset.hash === hash", arg=f"#{filters}"
        )
        told = self.page.locator(f"[data-table={table}] [data-count]").text_content() or ""
        return int(re.findall(r"(?:of )?([\d,]+) rows?\b", told)[0].replace(",", ""))

    def rows(self, table: str) -> list[dict[str, str]]:
        """Read the rows in view of a table, by column."""
        found: list[dict[str, str]] = self.page.evaluate(
            """table => [...document.querySelectorAll(`[data-table=${table}] tbody tr:not(.none)`)]
            .map(row => Object.fromEntries(
                [...row.children].map(cell => [cell.dataset.name, cell.textContent])))""",
            table,
        )
        return found


@pytest.fixture
def reader(browser: Browser, report: Path) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    reader = Reader(context.new_page(), report)
    yield reader
    context.close()
    assert reader.faults == []


def ask(marts: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.sql(query.format(marts=marts)).fetchall()


def plain(value: object) -> str:
    """Write a value of a mart as a data file does."""
    return str(float(value) if isinstance(value, Decimal) else value)


def explain(bank: Project, brid: str) -> Document:
    return dict(json.loads(bank.run("explain", brid, "--json").stdout))


def words(value: object) -> str:
    """Write a value of `explain` as a page does."""
    if value is None:
        return ""
    return str(value).replace(" | ", ", ")


def as_words(word: str | None) -> str:
    return (word or "").replace("_", " ").replace("hr ", "HR ").replace("sla", "SLA")


def test_tables_hold_the_rows_of_the_marts(report: Path, marts: Path) -> None:
    for name, key, mart in (
        ("by_persona", "persona_id", "fct_reconciliation_by_persona"),
        ("by_cost_center", "cost_center", "fct_reconciliation_by_cost_center"),
        ("by_manager", "manager_brid", "fct_reconciliation_by_manager"),
        ("people", "brid", "fct_reconciliation_by_employee"),
    ):
        (document,) = documents(report, f"{name}/*.js")
        names = (key, "n_match", "n_missing", "n_excess", "n_open")
        told = set(zip(*(cells(document, name) for name in names), strict=True))
        assert told == set(
            ask(
                marts,
                f"select {', '.join(names)} from '{{marts}}/{mart}.parquet' "
                f"where as_of_date = date '{WEEK}'",
            )
        )
        assert document["n"] == len(told) > 0


def test_lists_hold_every_row_of_their_marts(report: Path, marts: Path) -> None:
    this_week = f"where as_of_date = date '{WEEK}'"
    for name, mart, condition in (
        ("findings", "rpt_findings", ""),
        ("movements", "fct_movements", ""),
        ("surviving", "fct_residual_access", ""),
        ("finding_changes", "fct_finding_changes", this_week),
        ("status_changes", "fct_status_changes", this_week),
        ("exceptions", "dim_exceptions", ""),
        ("rules", "dim_mapping_rules", ""),
        ("loads", "fct_loads", ""),
    ):
        found = documents(report, f"{name}/*.js")
        described = ask(marts, f"describe from '{{marts}}/{mart}.parquet'")
        names = [row[0] for row in described if row[0] in found[0]["columns"]]
        told = Counter(
            row
            for document in found
            for row in zip(*(map(str, cells(document, name)) for name in names), strict=True)
        )
        rows = ask(marts, f"select {', '.join(names)} from '{{marts}}/{mart}.parquet' {condition}")
        assert told == Counter(tuple(map(plain, row)) for row in rows), name
        assert len(names) > 4
        assert rows


def test_people_have_every_row_that_names_them(report: Path, marts: Path) -> None:
    (index,) = documents(report, "person/index.js")
    files = documents(report, "person/[0-9]*.js")
    for table in OF_PERSON:
        told = Counter(
            (brid, *map(str, row))
            for file in files
            for brid, person in file["people"].items()
            for row in person.get(table.name, [])
        )
        names = ", ".join(index["sections"][table.name])
        rows = ask(
            marts, f"select brid, {names} from '{{marts}}/{table.model}.parquet' where brid <> ''"
        )
        assert told == Counter(tuple(map(plain, row)) for row in rows), table.name
    assert index["sections"].keys() == {table.name for table in OF_PERSON}


def test_people_have_every_pair_of_the_fact(report: Path, marts: Path) -> None:
    (index,) = documents(report, "person/index.js")
    status = index["verdict"].index("reconciliation_status")
    told = Counter(
        (brid, file["applications"][application], file["verdicts"][verdict][status])
        for file in documents(report, "person/[0-9]*.js")
        for brid, person in file["people"].items()
        for application, verdict in zip(*person["access"][:2], strict=True)
    )
    assert told == Counter(
        ask(
            marts,
            "select brid, application_id, reconciliation_status "
            "from '{marts}/fct_access_reconciliation.parquet'",
        )
    )


def test_a_long_table_is_written_in_parts_and_coded(
    monkeypatch: pytest.MonkeyPatch, marts: Path, report: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr("persona_access.outputs.report.tables.ROWS_A_FILE", 20)
    monkeypatch.setattr("persona_access.outputs.report.columnar.WORTH_CODING", 0)
    monkeypatch.setattr("persona_access.outputs.report.people.ACCESS_ROWS_A_FILE", 30)
    write_report(marts, tmp_path / "parts")
    (whole,) = documents(report, "people/*.js")
    parts = documents(tmp_path / "parts", "people/*.js")
    assert isinstance(parts[0]["columns"]["employment_state"], dict)
    for name in whole["columns"]:
        assert [value for part in parts for value in cells(part, name)] == cells(whole, name)
    people = documents(tmp_path / "parts", "person/[0-9]*.js")
    (index,) = documents(tmp_path / "parts", "person/index.js")
    assert len(people) == index["n_files"] > 3


def test_somebody_new_with_new_access_changes_one_file_of_people(
    monkeypatch: pytest.MonkeyPatch, marts: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr("persona_access.outputs.report.people.ACCESS_ROWS_A_FILE", 30)
    shutil.copytree(marts, tmp_path / "marts")
    write_report(marts, tmp_path / "before")
    # The application and the set of personas come before all others.
    for mart, new in (
        ("rpt_people", "'0001' as brid"),
        (
            "fct_access_reconciliation",
            "'0001' as brid, '0-new' as application_id, '0-new' as persona_ids",
        ),
    ):
        file = tmp_path / "marts" / f"{mart}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"create table held as from '{file}'")
            connection.execute(
                f"insert into held select * replace ({new}) from held "
                "where is_in_hr order by brid limit 1"
            )
            write_parquet(connection, "from held", file)
    write_report(tmp_path / "marts", tmp_path / "after")
    before, after = (
        {document.name: document.read_bytes() for document in folder.glob("data/person/[0-9]*.js")}
        for folder in (tmp_path / "before", tmp_path / "after")
    )
    assert before.keys() == after.keys()
    assert [b'"0001"' in after[name] for name in after if after[name] != before[name]] == [True]


def test_files_of_an_incomplete_week_are_named(marts: Path, report: Path, tmp_path: Path) -> None:
    assert "are not in these figures" not in (report / "index.html").read_text("utf-8")
    shutil.copytree(marts, tmp_path / "marts")
    file = tmp_path / "marts" / "fct_loads.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table loads as from '{file}'")
        connection.execute(
            "insert into loads by name select $week::date + 7 as extract_date, "
            "'hr_headcount' as feed, 'loaded' as load_status",
            {"week": WEEK},
        )
        write_parquet(connection, "from loads", file)
    write_report(tmp_path / "marts", tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "Files of 2 February 2026 arrived (hr_headcount) and are not in these figures" in page


def test_the_same_marts_give_the_same_report(marts: Path, report: Path, tmp_path: Path) -> None:
    write_report(marts, tmp_path / "again")
    for file in report.rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "again" / file.relative_to(report)).read_bytes()


def test_a_report_does_not_write_over_anything(marts: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(PersonaAccessError, match="name an empty or a new folder"):
        write_report(marts, tmp_path)


def test_a_mart_that_is_not_there_is_named(marts: Path, tmp_path: Path) -> None:
    shutil.copytree(marts, tmp_path / "marts")
    (tmp_path / "marts" / "dim_personas.parquet").unlink()
    with pytest.raises(PersonaAccessError, match=r"dim_personas .*publish the week again"):
        write_report(tmp_path / "marts", tmp_path / "report")


def test_pages_take_their_words_from_the_yaml(report: Path) -> None:
    page = (report / "people.html").read_text("utf-8")
    assert "Mandatory pairs that are not held." in page
    assert ">No access at all<" in page


@pytest.mark.parametrize(
    ("name", "scheme"),
    [*((name, "light") for name in PAGES), ("overview", "dark"), ("person", "dark")],
)
def test_every_page_opens_and_is_accessible(reader: Reader, name: str, scheme: Any) -> None:
    reader.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page = reader.open(PAGES[name])
    pictures = ROOT / "target" / "report_screenshots"
    page.screenshot(path=pictures / f"{name}_{scheme}.png", full_page=True)
    # It would request the style sheet again, which the page does not allow.
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [1280, 900, 390])
def test_the_bar_on_top_has_room_for_what_is_in_it(reader: Reader, width: int) -> None:
    page = reader.open("index.html")
    page.set_viewport_size({"width": width, "height": 900})
    bar, find, brand = page.evaluate(
        "[...document.querySelectorAll('.top, .find, .brand')].map(e => e.getBoundingClientRect())"
        ".sort((a, b) => b.width - a.width)"
    )
    assert find["bottom"] < bar["bottom"] - 4
    if width == 1280:
        # One line, on a common screen size.
        middles = [(box["top"] + box["bottom"]) / 2 for box in (find, brand)]
        assert abs(middles[0] - middles[1]) < 4


@pytest.mark.parametrize(
    "brid",
    ["5002", "5007", "5033", "5039", "5043", "5053", "5055", "5015", "5028", "5003", "SVC-2"],
)
def test_a_persons_page_says_what_explain_says(
    reader: Reader, built_bank: Project, brid: str
) -> None:
    found = explain(built_bank, brid)
    page = reader.open(f"person.html#brid={brid}")
    shown = [
        (
            row["application_id"],
            row["reconciliation_status"].lstrip("●○▲◇"),
            row["reconciliation_reason"],
            row.get("orphan_detail", ""),
            row.get("disposition", ""),
            row.get("requirement", ""),
            row.get("persona_ids", ""),
            row["status_since_date"],
            row.get("granted_date", ""),
            row.get("last_used_date", ""),
            row.get("last_expected_date", ""),
            row.get("days_since_end", ""),
            row.get("waiver_id", ""),
            row.get("waived_by", ""),
            row.get("waived_until", ""),
        )
        for row in reader.rows("access")
    ]
    assert shown == [
        (
            row["application"],
            row["status"],
            as_words(row["reason"]),
            as_words(row["orphan_detail"]),
            as_words(row["disposition"]),
            words(row["requirement"]),
            words(row["asked_for_by"]),
            *(words(row[name]) for name in ("since", "granted", "last_used", "last_expected")),
            *(
                words(row[name])
                for name in ("days_since_end", "waiver", "waived_by", "waived_until")
            ),
        )
        for row in found["access"]
    ]
    personas = page.evaluate(
        """() => [...document.querySelectorAll('[data-persona]')].map(place => [
            place.dataset.persona, place.dataset.method,
            place.querySelector('[data-unresolved]')?.dataset.unresolved ?? null,
            [...place.querySelectorAll('dl')].map(list => Object.fromEntries(
                [...list.querySelectorAll('dd')].map(d => [d.dataset.source, d.textContent])))])"""
    )
    assert personas == [
        [
            row["persona_id"] or "",
            row["assignment_method"],
            row["unresolved_reason"],
            [
                {name: str(value) for name, value in source.items() if value is not None}
                for source in row["sources"]
            ],
        ]
        for row in found["personas"]
    ]
    losers = [
        re.sub(r"\(\w+\)$", lambda why: as_words(why[0]), row["candidate"])
        for row in found["losing_candidates"]
        if row["candidate"]
    ]
    assert page.locator(".losers li").all_text_contents() == losers
    assert len(reader.rows("hr_rows")) == len(found["hr_rows"])
    assert [row["message"] for row in reader.rows("quarantined_rows")] == [
        row["message"] for row in found["quarantined"]
    ]
    facts = {
        place.get_attribute("data-fact"): place.text_content()
        for place in page.locator("[data-section=person] dd").all()
        if place.is_visible()
    }
    for name, value in (found["person"] or {}).items():
        if name in facts and name not in {"manager_brid", "employment_state"}:
            assert facts[name] == words(value)
    assert bool(facts) == bool(found["person"])


def test_a_persons_page_shows_findings_exceptions_and_changes(reader: Reader) -> None:
    reader.open("person.html#brid=5053&exceptions_of_person.all=yes")
    (exception,) = reader.rows("exceptions_of_person")
    assert exception["exception_kind"] == "persona override"
    assert (exception["approved_by"], exception["rationale"]) == ("9001", "Invented.")
    (change,) = reader.rows("status_changes_of_person")
    assert (change["cause"], change["status_after"]) == ("HR changed", "no row")
    page = reader.open("person.html#brid=5043&findings_of_person.all=yes")
    assert "W-1" in [row["waiver_id"] for row in reader.rows("findings_of_person")]
    assert not page.locator("[data-table=status_changes_of_person]").is_visible()


def test_an_owner_sees_what_is_to_act_on(reader: Reader, marts: Path) -> None:
    for kind in ("application", "persona"):
        ((owner,),) = ask(
            marts,
            f"select owner_brid from '{{marts}}/rpt_{kind}s.parquet' where owner_brid is not null "
            "group by 1 order by sum(n_open) desc, 1 limit 1",
        )
        owned = ask(
            marts,
            f"select {kind}_id, n_open from '{{marts}}/rpt_{kind}s.parquet' "
            f"where owner_brid = '{owner}'",
        )
        said = reader.open(f"person.html#brid={owner}").locator("[data-team]").text_content() or ""
        if len(owned) > 8:
            assert f"Owns {len(owned)} {kind}s, to act on: " in said
        else:
            for name, n_open in owned:
                assert f"{name} {n_open or 0}" in said
            assert f"Owns {len(owned)} {kind}" in said


def test_movements_count_what_the_marts_list(reader: Reader, marts: Path) -> None:
    page = reader.open("movements.html")
    counted = dict(
        ask(
            marts,
            "select movement_type, count(*) from '{marts}/fct_movements.parquet' "
            f"where as_of_date = date '{WEEK}' group by all",
        )
    )
    types = ("joiner", "rehire", "mover", "leaver")
    tiles = page.locator(".tile-value").all_text_contents()
    assert tiles == [str(counted.get(name, 0)) for name in types]
    assert len(counted) > 1
    page.get_by_role("link", name="Moved").click()
    rows = reader.rows("movements")
    assert {(row["as_of_date"], row["movement_type"]) for row in rows} == {(str(WEEK), "mover")}
    assert len(rows) == counted["mover"]


def test_the_overview_shows_the_counts_of_the_marts(reader: Reader, marts: Path) -> None:
    page = reader.open("index.html")
    (counts,) = ask(
        marts,
        "select n_open, n_overdue, n_excess, n_missing, n_unassessed "
        f"from '{{marts}}/fct_reconciliation_by_week.parquet' where as_of_date = date '{WEEK}'",
    )
    tiles = [
        page.locator(f".tile.{name} .tile-value").first.text_content()
        for name in ("open", "overdue", "excess", "missing", "unassessed")
    ]
    assert tiles == [str(count) for count in counts]
    pairs = Counter[str]()
    for row in reader.rows("reasons"):
        pairs[row["reconciliation_status"].lstrip("●○▲◇")] += int(row["n_pairs"])
    assert [pairs[name] for name in ("excess", "missing", "unassessed")] == list(counts[2:])


def test_tables_of_a_page_and_of_files_have_names_of_their_own(report: Path) -> None:
    """A page whose own table has the name of one with files would show the whole bank."""
    with_files = {
        name
        for page in report.glob("*.html")
        for name, files in re.findall(
            r'data-table="(\w+)" data-files="(\d*)"', page.read_text("utf-8")
        )
        if files
    }
    declared = [
        *(table.name for table in every_table()),
        *(table.name for table in (*OF_PERSON, *subject_tables.OF_PAGES, *week_tables.OF_WEEK)),
    ]
    assert len(declared) == len(set(declared))
    assert with_files == {table.name for table in every_table()}


STANDINGS = ("in_both_weeks", "in_this_week_only", "in_the_other_only")
COUNTS = """() => [...document.querySelectorAll('[data-counts]')].map(place => {
    const href = place.dataset.counts || place.getAttribute('href');
    const figure = place.querySelector('.tile-value') ?? place;
    return [href, Number(figure.textContent.replaceAll(',', ''))];
})"""
# The rows that a mark of a chart opens, and their number. A sparkline opens a separate page.
MARKS = """() => [...document.querySelectorAll('[data-chart]:not([data-chart=sparks]) svg *')]
    .map(node => node.__data__?.datum).filter(datum => datum?.href)
    .map(({href, n, n_open}) => [href, n ?? n_open])"""
FIRST = """() => [...document.querySelectorAll('ol.first a')]
    .map(link => [link.getAttribute('href'), parseInt(link.textContent.replaceAll(',', ''))])"""
SUBJECTS = {"application": "dim_applications", "persona": "dim_personas"}


@pytest.mark.parametrize("pages", ["lists", "applications", "personas", "people"])
def test_every_count_that_is_a_link_opens_as_many_rows(
    reader: Reader, marts: Path, pages: str
) -> None:
    if pages == "lists":
        addresses = [address for address in PAGES.values() if "#" not in address]
    elif pages == "people":
        # The ten people with most to act on, and the managers with most.
        some = ask(
            marts,
            "(select brid from '{marts}/rpt_people.parquet' order by n_open desc, brid limit 7) "
            "union (select manager_brid from '{marts}/rpt_people.parquet' "
            "where manager_brid is not null group by 1 order by count(*) desc, 1 limit 3)",
        )
        addresses = [f"person.html#brid={row[0]}" for row in some]
    else:
        subject = pages.removesuffix("s")
        ids = ask(marts, f"select {subject}_id from '{{marts}}/{SUBJECTS[subject]}.parquet'")
        addresses = [f"{subject}.html#{subject}={row[0]}" for row in ids]
    links: dict[str, int] = {}
    for address in addresses:
        page = reader.open(address)
        for select in page.locator("[data-pager] select").all():
            if select.is_visible():
                select.select_option("250")
        for of_page in (COUNTS, MARKS, FIRST):
            for href, count in page.evaluate(of_page):
                assert links.setdefault(href, count) == count, href
    assert len(links) > 10
    wrong = {
        href: (count, found)
        for href, count in sorted(links.items())
        if (found := reader.count(href)) != count
    }
    assert wrong == {}


def test_every_application_and_persona_page_lists_its_own_rows_alone(
    reader: Reader, marts: Path
) -> None:
    for subject, table, mart, condition in (
        (
            "application",
            "deviations",
            "fct_access_reconciliation",
            "reconciliation_status <> 'match'",
        ),
        ("persona", "members", "fct_persona_assignments", "assignment_method <> 'baseline'"),
    ):
        counted = dict(
            ask(
                marts,
                f"select {subject}_id, count(*) from '{{marts}}/{mart}.parquet' "
                f"where as_of_date = date '{WEEK}' and {condition} group by all",
            )
        )
        subjects = f"select {subject}_id from '{{marts}}/{SUBJECTS[subject]}.parquet'"
        ids = [row[0] for row in ask(marts, subjects)]
        assert set(counted) & set(ids)
        for subject_id in ids:
            page = reader.open(f"{subject}.html#{subject}={subject_id}")
            n_rows = page.evaluate(f"report.tables.get('{table}').rows.n")
            assert n_rows == counted.get(subject_id, 0), subject_id


def test_a_share_that_is_not_quite_all_is_not_mentioned_to_be_all(reader: Reader) -> None:
    page = reader.open("index.html")
    said = page.evaluate("[1, 0.99979, 0.5, 0.0001, 0].map(share => report.text('share', share))")
    assert said == ["100.0 %", "> 99.9 %", "50.0 %", "< 0.1 %", "0.0 %"]
    assert said == [share(each) for each in (1, 0.99979, 0.5, 0.0001, 0)]


def test_filters_filter_and_stand_in_the_address(reader: Reader, marts: Path) -> None:
    page = reader.open("people.html")
    people = page.locator("[data-table=people]")
    people.get_by_label("Excess").select_option("some")
    people.get_by_label("Search").press_sequentially("50")
    wanted = {
        row[0]
        for row in ask(
            marts,
            "select brid from '{marts}/fct_reconciliation_by_employee.parquet' "
            "left join (select brid, full_name from '{marts}/dim_employees.parquet') using (brid) "
            "where n_excess > 0 and concat_ws(' ', brid, full_name, manager_brid) like '%50%'",
        )
    }
    shown = {row["brid"] for row in reader.rows("people")}
    assert shown == wanted
    assert f"{len(wanted)} rows, filtered from" in (
        people.locator("[data-count]").text_content() or ""
    )
    assert page.url.endswith("people.html#people.n_excess=some&people.q=50")
    reader.open(page.url.rpartition("/")[2])
    assert {row["brid"] for row in reader.rows("people")} == shown
    people.get_by_role("button", name="Clear filters").click()
    assert page.url.endswith("people.html#")
    assert people.get_by_label("Excess").input_value() == ""


def test_everything_works_from_the_keyboard(reader: Reader) -> None:
    page = reader.open("people.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    head = page.locator("[data-table=people] thead th[data-name=brid]")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    first = reader.rows("people")[0]["brid"]
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert reader.rows("people")[0]["brid"] != first
    page.get_by_role("button", name="Next page of people").focus()
    page.keyboard.press("Enter")
    assert "people.page=2" in page.url
    page.locator("#find").focus()
    page.keyboard.type("5053")
    page.wait_for_selector("#found [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/person.html#brid=5053")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("b005053", "person.html#brid=5053"),
        ("LEDGER", "application.html#application=ledger"),
        ("clerk", "persona.html#persona=clerk"),
        ("former persona", "findings.html#findings.reconciliation_reason=former_persona"),
        ("hr changed", "changes.html#finding_changes.change_cause=hr_changed"),
    ],
)
def test_the_search_jumps_to_what_is_named_in_any_spelling(
    reader: Reader, written: str, address: str
) -> None:
    page = reader.open("quality.html")
    page.locator("#find").fill(written)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{address}")


def test_the_search_lists_people_where_several_fit(reader: Reader) -> None:
    page = reader.open("quality.html")
    page.locator("#find").fill("50")
    page.wait_for_selector("#found [role=option]")
    assert page.locator("#found [data-href]").count() == 10
    page.keyboard.press("Enter")
    page.wait_for_url("**/people.html#people.q=50")


@pytest.mark.parametrize("subject", ["person", "persona", "application"])
@pytest.mark.parametrize("name", ["", "nobody <b>", "../index"])
def test_a_page_of_something_that_is_not_there_says_so_and_shows_nothing_else(
    reader: Reader, subject: str, name: str
) -> None:
    key = "brid" if subject == "person" else subject
    page = reader.open(f"{subject}.html#{urlencode({key: name})}" if name else f"{subject}.html")
    said = page.locator("#problem").text_content() or ""
    assert f"'{name}'" in said if name else "is chosen" in said
    assert page.locator("main section:visible").count() == 0


def test_markup_in_a_name_is_text(reader: Reader) -> None:
    for address in ("people.html#people.q=5017", "person.html#brid=5017", "index.html"):
        page = reader.open(address)
        assert page.locator("main img, main script").count() == 0
        assert page.evaluate("document.body.dataset.stolen") is None
        if address != "index.html":
            assert MARKUP in (page.locator("main").text_content() or "")


def test_a_downloaded_table_has_the_filtered_rows_and_no_formula(
    reader: Reader, tmp_path: Path
) -> None:
    page = reader.open("people.html#people.q=5018")
    with page.expect_download() as download:
        page.locator("#people-section").get_by_role("button", name="Download CSV").click()
    download.value.save_as(tmp_path / "people.csv")
    assert download.value.suggested_filename == f"people_{WEEK}.csv"
    with (tmp_path / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["brid"], row["full_name"]) for row in rows] == [("5018", "'=1+1")]


def test_a_download_knows_the_formulas_that_a_list_knows(browser: Browser) -> None:
    core = files("persona_access.outputs.report") / "assets" / "core.js"
    page = browser.new_page()
    page.add_script_tag(content=core.read_text("utf-8"))
    texts = [*DANGEROUS, "\x1f=1", "\xa0=1", "a;b", "1-1", "a=b", "O'Neil", "a\n b"]
    assert page.evaluate("texts => texts.map(report.harmless)", texts) == [
        harmless(text) for text in texts
    ]
    page.close()


def test_a_print_has_all_filtered_rows_and_no_controls(reader: Reader) -> None:
    page = reader.open("people.html")
    n_in_view = len(reader.rows("people"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert len(reader.rows("people")) > n_in_view
    assert not page.locator("[data-table=people] .tools").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert len(reader.rows("people")) == n_in_view


def test_a_print_says_how_it_was_filtered_and_has_every_column(reader: Reader) -> None:
    page = reader.open("findings.html#findings.finding_type=excess&findings.q=50")
    page.emulate_media(media="print")
    told = page.locator("[data-table=findings] [data-filters]")
    assert told.is_visible()
    assert told.text_content() == "Filtered: Kind = excess; Search = 50"
    # A landscape sheet of A4 within its margins, also for all columns.
    page.set_viewport_size({"width": 1010, "height": 700})
    for address in (PAGES["weeks"], "findings.html#findings.all=yes"):
        page = reader.open(address)
        cut = page.evaluate(
            """() => [...document.querySelectorAll('table')].filter(table => table.offsetWidth)
            .map(table => [table.scrollWidth, table.parentElement.clientWidth])
            .filter(([needed, there]) => needed > there + 1)"""
        )
        assert cut == [], address


def test_a_print_repeats_the_headings_on_every_sheet(reader: Reader) -> None:
    page = reader.open("findings.html")
    page.emulate_media(media="print")
    sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    texts = [sheet.get_textpage().get_text_range() for sheet in sheets]
    listed = [text for text in texts if "\nnever expected" in text or "excess" in text]
    assert len(listed) > 1
    assert all("Due date" in text or "Granted date" in text for text in listed)


def test_the_reviewer_is_in_view_and_headings_stay(reader: Reader) -> None:
    page = reader.open("findings.html#findings.page=1")
    page.set_viewport_size({"width": 1440, "height": 700})
    page.locator("[data-table=findings] [data-pager] select").select_option("100")
    # The bank of the tests has no reviewers; the column is shown.
    assert page.locator("th[data-name=reviewer_brid]:not([data-extra])").count() > 0
    head = page.locator("[data-table=findings] thead th:not([hidden])").last
    box = head.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1440
    page.evaluate("scrollTo(0, 900)")
    page.wait_for_timeout(50)
    bar = page.locator(".top").bounding_box()
    box = head.bounding_box()
    assert box is not None
    assert bar is not None
    assert abs(box["y"] - bar["height"]) < 2
    # Where the table ends, its heading goes below the bar and not over it.
    page.evaluate(
        "scrollBy(0, document.querySelector('[data-table=findings] table')"
        ".getBoundingClientRect().bottom - 30)"
    )
    assert page.evaluate("Boolean(document.elementFromPoint(700, 15).closest('.top'))")
    # At 200 %, the bar leaves enough space for the rows.
    page.set_viewport_size({"width": 720, "height": 350})
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).position") == "static"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_column_is_out_of_sight_on_a_usual_screen(reader: Reader, name: str) -> None:
    reader.page.set_viewport_size({"width": 1440, "height": 900})
    page = reader.open(PAGES[name])
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.scroll.wide')]
        .filter(scroll => !scroll.closest('.chart'))
        .map(scroll => scroll.closest('[data-table]').dataset.table)"""
    )
    assert wide == []
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


@pytest.mark.parametrize("width", [1024, 390])
def test_no_page_is_wider_than_its_window(reader: Reader, width: int) -> None:
    for address in PAGES.values():
        reader.page.set_viewport_size({"width": width, "height": 800})
        page = reader.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_findings_come_by_risk_and_say_it(reader: Reader) -> None:
    reader.open("findings.html#findings.finding_state=open")
    order = ["critical", "high", "medium", "low"]
    risks = [order.index(row["risk_level"]) for row in reader.rows("findings")]
    assert risks == sorted(risks)
    assert len(set(risks)) > 1


def test_every_chart_is_drawn_by_the_library_that_the_report_carries(
    reader: Reader, report: Path
) -> None:
    page = reader.open("index.html")
    drawn = page.evaluate(
        """() => [...document.querySelectorAll('[data-chart]')].map(place => [
            place.dataset.chart, Boolean(place.querySelector('svg, .quiet'))
        ])"""
    )
    assert {name for name, _ in drawn} >= {"risk", "ages", "flow", "causes", "heat", "movements"}
    assert all(found for _, found in drawn)
    assert page.locator("[data-chart=risk] svg").count() == 1
    told = (report / "assets" / "vega.txt").read_text("utf-8")
    library = (report / "assets" / "vega.js").read_bytes()
    assert hashlib.sha256(library).hexdigest() in told
    assert "Redistribution and use in source and binary forms" in told


def test_any_two_weeks_can_be_compared(reader: Reader, marts: Path) -> None:
    first, second = str(WEEKS[1]), str(WEEKS[3])
    page = reader.open(f"weeks.html#week={first}&beside={second}")
    shown = {
        row.locator("th").text_content(): row.locator("td").all_text_contents()
        for row in page.locator("[data-compare] tbody tr").all()
    }
    counts = dict(
        ask(
            marts,
            "select as_of_date::varchar, n_excess from '{marts}/rpt_week_figures.parquet'",
        )
    )
    difference = counts[first] - counts[second]
    signed = f"{difference:+}".replace("-", "\u2212")
    assert shown["Excess"] == [str(counts[first]), str(counts[second]), signed]
    page.locator("[data-compare] select").first.select_option(second)
    assert page.url.endswith(f"week={second}&beside={second}")
    assert page.locator("[data-compare] tbody tr").first.locator("td").last.text_content() == "0"


def test_a_past_week_lists_what_stood_in_it_and_what_differs(reader: Reader, marts: Path) -> None:
    key = "brid || ' ' || application_id || ' ' || finding_type"
    stood = {
        week: {
            row[0]
            for row in ask(
                marts,
                f"select {key} from '{{marts}}/rpt_finding_weeks.parquet' "
                f"where as_of_date = date '{week}'",
            )
        }
        for week in (WEEKS[1], WEEK)
    }
    wanted = {
        "in_both_weeks": stood[WEEKS[1]] & stood[WEEK],
        "in_this_week_only": stood[WEEKS[1]] - stood[WEEK],
        "in_the_other_only": stood[WEEK] - stood[WEEKS[1]],
    }
    assert all(wanted.values())
    # The trend of any page opens the named week; the other week is selected beside it.
    reader.open("index.html").locator(f"[data-table=trend] a[href*='{WEEKS[1]}']").click()
    page = reader.page
    page.wait_for_selector("body[data-drawn]", state="attached")
    page.locator("[data-compare] select").last.select_option(str(WEEK))
    page.locator("[data-table=week_findings] [data-pager] select").select_option("250")
    found: dict[str, set[str]] = {name: set() for name in wanted}
    for row in reader.rows("week_findings"):
        told = f"{row['brid']} {row['application_id']} {row['finding_type'].lstrip('○▲')}"
        found[row["standing"].replace(" ", "_")].add(told)
    assert found == wanted
    counted = dict(
        ask(
            marts,
            "select application_id, n_open from '{marts}/fct_reconciliation_by_application.parquet'"
            f" where as_of_date = date '{WEEKS[1]}' and n_open > 0",
        )
    )
    links = page.evaluate(COUNTS.replace("[data-counts]", "[data-name=n_open] [data-counts]"))
    assert links
    assert {count for _, count in links} <= set(counted.values())
    for href, count in links:
        assert reader.count(href) == count, href


def test_a_flow_is_drawn_and_opens_its_findings(reader: Reader, marts: Path) -> None:
    page = reader.open("changes.html")
    ((cause, n_closed),) = ask(
        marts,
        "select change_cause, sum(n_closed)::int from '{marts}/rpt_finding_causes.parquet' "
        f"where as_of_date = date '{WEEK}' and n_closed > 0 group by all order by 2 desc limit 1",
    )
    label = f"{as_words(cause)} → closed: {n_closed} findings"
    ribbon = page.locator(f"[data-chart=causes] svg path[aria-label='{label}']")
    assert ribbon.count() == 1
    ribbon.dispatch_event("click")
    page.wait_for_url("**#finding_changes.finding_change=closed&*")
    rows = reader.rows("finding_changes")
    assert {(row["finding_change"], row["change_cause"]) for row in rows} == {
        ("closed", as_words(cause))
    }


def test_movers_flow_between_personas_and_the_table_says_the_same(
    reader: Reader, marts: Path
) -> None:
    page = reader.open("movements.html")
    table = reader.rows("persona_moves")
    drawn = page.locator("[data-chart=movers] svg .ribbon path").all()
    assert sorted(path.get_attribute("aria-label") or "" for path in drawn) == sorted(
        f"{row['previous_persona_id']} → {row['persona_id']}: {row['n_people']} people"
        for row in table
    )
    assert table
    ((n_moves,),) = ask(
        marts,
        "select count(*) from (select unnest(string_split(previous_persona_ids, ' | ')) as before, "
        "persona_ids from '{marts}/fct_movements.parquet' where movement_type = 'mover') "
        "cross join (select persona_id, is_baseline from '{marts}/dim_personas.parquet') "
        "where not is_baseline and list_contains(string_split(persona_ids, ' | '), persona_id) "
        "and before <> persona_id and before not in "
        "(select persona_id from '{marts}/dim_personas.parquet' where is_baseline)",
    )
    assert sum(int(row["n_people"]) for row in table) == n_moves


def test_a_bar_opens_its_rows(reader: Reader, marts: Path) -> None:
    page = reader.open("index.html")
    ((risk, overdue),) = ask(
        marts,
        "select risk_level, count(*) from '{marts}/rpt_findings.parquet' "
        "where is_overdue group by all order by 2 desc limit 1",
    )
    bars = page.locator("[data-chart=risk] svg path[aria-roledescription=bar]")
    label = f"n: {overdue}; risk: {risk}; part: overdue;"
    bar = next(
        one for one in bars.all() if (one.get_attribute("aria-label") or "").startswith(label)
    )
    bar.click()
    page.wait_for_selector("[data-table=findings] tbody tr")
    assert {row["risk_level"] for row in reader.rows("findings")} == {risk}
    count = page.locator("[data-table=findings] [data-count]").text_content() or ""
    assert f"{overdue} rows, filtered from" in count


def test_the_waterfall_adds_up(marts: Path) -> None:
    """Earlier findings plus opened minus closed ones are the current findings."""
    weeks = ask(
        marts,
        "select n_missing + n_excess + n_suspended, n_opened, n_closed "
        "from '{marts}/rpt_week_figures.parquet' order by as_of_date",
    )
    assert len(weeks) > 2
    for (before, _, _), (now, opened, closed) in itertools.pairwise(weeks):
        assert before + opened - closed == now


def test_a_persons_page_begins_with_the_verdict_of_explain(
    reader: Reader, built_bank: Project
) -> None:
    for brid in ("5002", "5043", "5053", "5003"):
        told = explain(built_bank, brid)["verdict"]
        page = reader.open(f"person.html#brid={brid}")
        verdict = page.locator("[data-verdict] p").first.text_content() or ""
        assert told.split(" Besides")[0].replace(" ", "") == verdict.replace(" ", ""), brid


def test_the_explanation_of_a_table_is_of_its_own_grain(marts: Path) -> None:
    """A table that sums a mart and shows the mart's texts would describe different rows."""
    catalogue = read_catalogue(marts)
    # Columns that nobody reads, and columns that are also shown in words.
    unseen = {
        "attributes_key",
        "as_of_date",
        "finding_id",
        "load_id",
        "from_days",
        "rule_id",
        "rule_version",
    }
    for table in every_table():
        mart = catalogue.marts[table.model]
        names = {column.name for column in table.columns}
        assert set(mart.key) - names <= unseen, table.name


def words_shown(report: Path) -> set[tuple[str, str]]:
    """Collect every coded value of every table of the report, by column."""
    (index,) = documents(report, "person/index.js")
    files = documents(report, "person/[0-9]*.js")
    people = [one for file in files for one in file["people"].values()]
    pages = [
        document
        for subject in ("application", "persona", "week")
        for document in documents(report, f"{subject}/[0-9]*.js")
    ]
    found: set[tuple[str, str | None]] = {
        each
        for file in files
        for verdict in file["verdicts"]
        for each in zip(index["verdict"], verdict, strict=True)
    }
    for table, column in coded_columns():
        found |= {
            (column, value)
            for document in (
                *documents(report, f"{table}/*.js"),
                *(page[table] for page in pages if table in page),
            )
            if column in document["columns"]
            for value in cells(document, column)
        }
        if table in index["sections"]:
            place = index["sections"][table].index(column)
            found |= {(column, row[place]) for one in people for row in one.get(table, [])}
    coded = {column for _, column in coded_columns()}
    return {(column, value) for column, value in found if column in coded and value is not None}


def coded_columns() -> list[tuple[str, str]]:
    """List the columns whose values are words of the project, by table."""
    tables = (
        *every_table(),
        *OF_PERSON,
        *subject_tables.OF_PAGES,
        *week_tables.OF_WEEK,
    )
    kinds = ("word", "status", "risk")
    return [
        (table.name, each.name) for table in tables for each in table.columns if each.kind in kinds
    ]


def test_every_code_that_the_report_can_show_has_its_words(report: Path, marts: Path) -> None:
    """A word is defined once, and shown beside the tables that hold it and in the glossary."""
    (defined,) = documents(report, "glossary/index.js")
    coded = {column for _, column in coded_columns()}
    declared = {
        (column["name"], value)
        for file in (ROOT / "models").rglob("*.yml")
        for model in (yaml.safe_load(file.read_text("utf-8")) or {}).get("models", ())
        for column in model.get("columns", ())
        for value in column.get("config", {}).get("meta", {}).get("vocabulary", ())
        if column["name"] in coded
    }
    assert len(declared) > 60
    # `no row`, for a pair that did not exist, is already in words.
    shown = {(column, value) for column, value in words_shown(report) if " " not in value}
    assert len({column for column, _ in shown}) > 15
    wanted = declared | shown | {("standing", value) for value in STANDINGS}
    assert sorted(each for each in wanted if each[1] not in defined.get(each[0], {})) == []
    page = (report / "glossary.html").read_text("utf-8")
    assert "No persona of the person needed it, now or before." in page
    in_glossary = set(re.findall(r'<div id="(\w+)-(\w+)">', page))
    catalogue = read_catalogue(marts)
    assert in_glossary == {
        (column, value) for column, values in catalogue.glossary.items() for value in values
    }
    titles = re.findall(r"<h2[^>]*>([^<]+)", page)
    assert len(titles) == len(set(titles))


def test_a_masked_report_opens_and_names_nobody(
    browser: Browser, built_bank: Project, marts: Path, tmp_path: Path
) -> None:
    (tmp_path / "marts").mkdir()
    published = published_marts(DbtProject(built_bank.settings).manifest)
    sources = {name: f"select * from read_parquet('{marts}/{name}.parquet')" for name in published}
    with duckdb.connect() as connection:
        mask_marts(
            connection, published, sources, tmp_path / "marts", MaskingKey(b"an invented key")
        )
    Catalogue(WEEK, published).write(tmp_path / "marts")
    write_report(tmp_path / "marts", tmp_path / "report")
    known = {row[0] for row in ask(marts, "select brid from '{marts}/dim_employees.parquet'")}
    context = browser.new_context()
    reader = Reader(context.new_page(), tmp_path / "report")
    reader.open("people.html")
    somebody = reader.rows("people")[0]["brid"]
    for address in (
        f"person.html#brid={somebody}",
        "people.html",
        "movements.html",
        "decisions.html",
    ):
        shown = reader.open(address).locator("body").text_content() or ""
        assert "P-" in shown
        assert not known & set(re.findall(r"[\w.-]+", shown)), address
    assert somebody.startswith("P-")
    context.close()
    assert reader.faults == []
