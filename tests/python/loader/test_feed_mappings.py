"""Feed mappings are proposed from foreign files, declared, and used to read deliveries."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from foreign_files import SHAPES, Bank, Foreign, make_bank
from persona_access.base.contracts import Contract, read_contracts
from persona_access.base.errors import SettingsError
from persona_access.base.name_patterns import date_of_name, match_name
from persona_access.loader.feed_mappings.declaration import json_schema
from persona_access.loader.feed_mappings.read import parse_mapping, read_mappings
from persona_access.loader.feed_mappings.shape import name_pattern
from persona_access.loader.onboarding.proposal import (
    Proposal,
    answer,
    propose,
    read_table,
)
from persona_access.loader.onboarding.writing import mapping_text
from persona_access.loader.reading import ROWS, Job, Read, read_delivery
from persona_access.loader.staging import Provenance
from unseen_files import WRITERS as UNSEEN

Shape = Callable[[Bank, Path], Foreign]
MAPPING = """\
source: payroll
feed: hr_headcount
author: somebody
files: {pattern: "Payroll_%b%Y.csv"}
columns:
  brid: Employee ID
  full_name: {template: "{First} {Last}"}
  employment_status: {from: Status, values: {A: active, No: terminated}}
  management_level: Level
  cost_center: [Cost Ctr, CC]
  hire_date: {from: Hired, dates: "%m/%d/%Y"}
"""
# Nine levels of nine aliases: a billion words from a text of 500 characters.
BOMB = "a0: &a0 [x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
)


@pytest.fixture(scope="module")
def contracts(project_root: Path) -> dict[str, Contract]:
    return read_contracts(project_root / "models")


@pytest.fixture(scope="module")
def bank() -> Bank:
    return make_bank()


def known_values(bank: Bank) -> dict[str, set[str]]:
    return {
        "brid": {person.brid for person in bank.people},
        "application_id": {grant.application for grant in bank.grants},
        "persona_id": {persona.lower() for persona, _, _ in bank.personas},
    }


def proposed_columns(proposal: Proposal) -> dict[str, str]:
    """Return the proposed meaning of each delivered column."""
    found = {}
    for target, column in proposal.document["columns"].items():
        header = column if isinstance(column, str) else column.get("from")
        if header:
            found[header] = target
    unpivot = proposal.document.get("unpivot") or {}
    return found | dict.fromkeys(unpivot.get("columns", []), unpivot.get("name_to", ""))


@pytest.mark.parametrize("is_known", [False, True], ids=["nothing loaded", "values known"])
def test_columns_are_proposed_right_and_never_wrong_in_silence(
    bank: Bank, contracts: dict[str, Contract], tmp_path: Path, is_known: bool
) -> None:
    n_right = n_columns = 0
    for shape in SHAPES:
        foreign = shape(bank, tmp_path)
        known = known_values(bank) if is_known else {}
        proposal = propose(read_table(foreign.file), contracts, known)
        assert proposal.feed == foreign.feed, foreign.file.name
        found = proposed_columns(proposal)
        wrong = {
            header: target
            for header, target in found.items()
            if foreign.meaning.get(header) != target
        }
        assert not wrong, foreign.file.name
        n_columns += len(foreign.meaning)
        n_right += sum(found.get(header) == target for header, target in foreign.meaning.items())
        asked = {question.place[1] for question in proposal.questions if len(question.place) > 1}
        needed = {
            column.name for column in contracts[foreign.feed].columns if column.is_value_required
        }
        assert needed <= {*found.values(), *asked}, foreign.file.name
    assert n_right / n_columns >= 0.95


@pytest.mark.parametrize("is_known", [False, True], ids=["nothing loaded", "values known"])
def test_unseen_files_of_real_systems_are_never_read_wrong_in_silence(
    bank: Bank, contracts: dict[str, Contract], tmp_path: Path, is_known: bool
) -> None:
    n_right = n_columns = 0
    for name, write in UNSEEN.items():
        foreign = write(bank, tmp_path)
        proposal = propose(
            read_table(foreign.file), contracts, known_values(bank) if is_known else {}
        )
        asked = {question.place for question in proposal.questions}
        if proposal.feed != foreign.feed:
            assert ("feed",) in asked, name
            continue
        found = proposed_columns(proposal)
        wrong = {h: target for h, target in found.items() if foreign.meaning.get(h) != target}
        assert not wrong, name
        keys = {c.name for c in contracts[foreign.feed].columns if c.is_value_required}
        assert keys <= {*found.values(), *(place[-1] for place in asked if len(place) > 1)}, name
        n_columns += len(foreign.meaning)
        n_right += len(found)
    assert n_right / n_columns >= 0.9


@pytest.mark.parametrize(
    ("header", "row", "columns", "asked"),
    [
        (
            "Employee ID,Active Status,Management Level,Cost Center,Cost Center - ID,Boss of",
            "{n},Yes,G4,RB-1 Retail,RB-1,{manager}",
            {"cost_center": "Cost Center - ID", "cost_center_name": "Cost Center"},
            {"manager_brid"},
        ),
        (
            "employee_number,u_grade,cost_center,u_start_date,x.u_manager",
            "{n},G4,RB-1,2020-01-06,{manager}",
            {"management_level": "u_grade"},
            {"employment_status"},
        ),
        (
            "Personalnummer,Beschäftigungsstatus,Tarifgruppe,Kostenstelle,Vorgesetzter,Austritt",
            "{n},aktiv,G4,RB-1,{manager},31.12.9999",
            {
                "management_level": "Tarifgruppe",
                "cost_center": "Kostenstelle",
                "manager_brid": "Vorgesetzter",
                "termination_date": "Austritt",
            },
            set(),
        ),
        (
            "Pers.Nr.,State of Affairs,Tarifgruppe,Kostenstelle,Stellenbezeichnung,Eintrittsdatum",
            "{n},active,G4,RB-1,Berater,31.01.2020",
            {"job_title": "Stellenbezeichnung", "hire_date": "Eintrittsdatum"},
            # Its name differs; only its values show that it is the status.
            {"employment_status"},
        ),
        (
            "",
            "{n},Ann Abel,active,G4,RB-1,{manager}",
            {},
            {"brid", "employment_status", "management_level", "cost_center"},
        ),
    ],
    ids=[
        "a code beside code and name",
        "prefixes of ServiceNow",
        "German",
        "words alone",
        "no header",
    ],
)
def test_neighboring_columns_help_to_identify_a_column(
    contracts: dict[str, Contract],
    tmp_path: Path,
    header: str,
    row: str,
    columns: dict[str, str],
    asked: set[str],
) -> None:
    file = tmp_path / "HR 2026-10-05.csv"
    rows = [row.format(n=104200 + n, manager=104200 + n % 4) for n in range(40)]
    if "employment_status" in asked and "active" in row:
        rows = [
            line.replace("active", ["active", "terminated"][n % 2]) for n, line in enumerate(rows)
        ]
    file.write_text("\n".join([*([header] if header else []), *rows]) + "\n", "utf-8")
    proposal = propose(read_table(file), {"hr_headcount": contracts["hr_headcount"]}, {})
    found = {column: header for header, column in proposed_columns(proposal).items()}
    assert {column: found.get(column) for column in columns} == columns
    questions = {question.place[1]: question for question in proposal.questions}
    assert asked <= questions.keys()
    if not header:
        assert "column 4: G4" in questions["management_level"].options


@pytest.mark.parametrize("name", UNSEEN)
def test_unseen_files_load_once_their_questions_are_answered(
    bank: Bank, contracts: dict[str, Contract], tmp_path: Path, name: str
) -> None:
    foreign = UNSEEN[name](bank, tmp_path)
    # The registry is read together with the headcount, which has the employees.
    known = {} if foreign.feed == "hr_headcount" else {"brid": known_values(bank)["brid"]}
    read, rows = read_mapped(foreign, contracts, known, tmp_path)
    assert read.n_rows_loaded == read.n_rows_read > 0, read.faults
    if foreign.feed == "hr_headcount":
        assert {row["brid"].lstrip("0") for row in rows} == {p.brid for p in bank.people}
        hired = {row["brid"].lstrip("0"): row["hire_date"] for row in rows}
        assert hired == {p.brid: p.hired.isoformat() for p in bank.people}
        gone = {
            row["brid"].lstrip("0")
            for row in rows
            if row["employment_status"].lower() == "terminated"
        }
        assert gone == {p.brid for p in bank.people if p.status == "terminated"}
    elif foreign.feed == "persona_list":
        found = sorted((row["persona_id"], row["application_id"]) for row in rows)
        assert found == sorted((persona, app) for persona, app, _ in bank.personas)
        needs = {row["requirement"] for row in rows} - {None, "X"}
        assert needs in ({"mandatory", "optional"}, set())
    else:
        assert {row["brid"] for row in rows} == {g.person.brid for g in bank.grants}
        assert len(rows) == len(bank.grants)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_shape_is_read_by_its_proposed_mapping(
    bank: Bank, contracts: dict[str, Contract], tmp_path: Path, shape: Shape
) -> None:
    foreign = shape(bank, tmp_path)
    read, rows = read_mapped(foreign, contracts, known_values(bank), tmp_path)
    assert read.n_rows_loaded == read.n_rows_read > 0
    keys = {(row["brid"] or "").lstrip("0").removeprefix("CORP\\") for row in rows if "brid" in row}
    people = {person.brid for person in bank.people}
    if foreign.feed == "hr_headcount":
        assert keys == people
        status = {row["brid"].lstrip("0"): row["employment_status"].lower() for row in rows}
        assert status == {person.brid: person.status for person in bank.people}
        hired = {row["brid"].lstrip("0"): row["hire_date"] for row in rows}
        assert hired == {person.brid: person.hired.isoformat() for person in bank.people}
    elif foreign.feed == "iam_app_registry":
        found = sorted((row["brid"], row["application_id"].lower()) for row in rows)
        assert found == sorted((g.person.brid, g.application) for g in bank.grants)
    else:
        found = sorted((row["persona_id"], row["application_id"]) for row in rows)
        assert found == sorted((persona, app) for persona, app, _ in bank.personas)


def read_mapped(
    foreign: Foreign, contracts: dict[str, Contract], known: dict[str, set[str]], folder: Path
) -> tuple[Read, list[dict[str, str]]]:
    proposal = propose(read_table(foreign.file), contracts, known)
    while known_to_a_person := [q for q in proposal.questions if q.place in foreign.answers]:
        question = known_to_a_person[0]
        proposal = answer(proposal, question, foreign.answers[question.place])
    text = mapping_text(proposal).replace("author: ''", "author: somebody")
    mapping = parse_mapping(text, folder / f"{proposal.document['source']}.yml", contracts)
    work = folder / "work"
    work.mkdir()
    day = dt.date(2026, 10, 5)
    read = read_delivery(
        Job(
            path=foreign.file,
            suffix=".xlsx" if foreign.file.suffix == ".xlsx" else ".csv",
            contract=contracts[foreign.feed],
            manifest=None,
            provenance=Provenance("l", foreign.file.name, "h", dt.datetime(2026, 10, 6)),  # noqa: DTZ001
            extract_date=day,
            version=1,
            work=work,
            spill=work,
            previous=None,
            memory_limit="1GB",
            max_expanded_bytes=10**9,
            identities=(),
            mapping=mapping,
        )
    )
    rows = duckdb.sql(f"from '{work / ROWS}'")
    return read, [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


@pytest.mark.parametrize(
    ("pattern", "day", "name", "date"),
    [
        ("Payroll_%b%Y.csv", None, "payroll_Nov2026.CSV", "2026-11-30"),
        ("Payroll_%b%Y.csv", "first", "payroll_Nov2026.CSV", "2026-11-01"),
        ("Payroll_%B %Y.csv", "friday", "Payroll_November 2026.csv", "2026-11-27"),
        ("hr %d.%m.%y *.xlsx", None, "HR 05.10.26 final (2).xlsx", "2026-10-05"),
        ("iam-%G-W%V.csv", "monday", "iam-2026-W41.csv", "2026-10-05"),
        ("iam_%Y%j.csv", None, "iam_2026278.csv", "2026-10-05"),
        ("iam.csv", None, "iam.csv", None),
    ],
)
def test_a_name_in_any_spelling_tells_its_date(
    pattern: str, day: str | None, name: str, date: str | None
) -> None:
    found = match_name(name, pattern)
    assert found is not None
    told = date_of_name(found, day)
    assert (told.isoformat() if told else None) == date


@pytest.mark.parametrize(
    ("name", "pattern", "is_sure"),
    [
        ("Bestand_02.11.2026.csv", "Bestand_%d.%m.%Y.csv", True),
        ("Bestand_02-11-2026.csv", "Bestand_%m-%d-%Y.csv", False),
        ("Bestand_11.22.2026.csv", "Bestand_%m.%d.%Y.csv", True),
    ],
)
def test_the_day_is_first_between_dots(name: str, pattern: str, is_sure: bool) -> None:
    assert name_pattern(name) == (pattern, is_sure)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("brid:", "bird:", ":6: columns.bird: bird is not a column of hr_headcount"),
        ("from: Hired", "form: Hired", ":11: columns.hire_date.form: there is no such key"),
        ("feed: hr_headcount", "feed: hr", ":2: feed: there is no feed hr; write one of"),
        ("%b%Y", "%b%Q", ":4: files.pattern: %Q cannot be read in a name"),
        (
            "author: somebody",
            "author: x\napproved_by: X\napproved_on: 2026-01-01",
            "the author must not approve the mapping",
        ),
        ("  brid: Employee ID\n", "", ":5: columns: brid is required by hr_headcount"),
        ("{pattern", "{{pattern", "not valid YAML"),
        (
            "author: somebody",
            "author: x\nauthor: somebody",
            ":4: not valid YAML: it has the key 'author' a second time",
        ),
        ("author: somebody", "? [a, b]\n: c", ":3: not valid YAML: a key is not a single word"),
        ("author: somebody", "author: &a [*a]", ":3: not valid YAML: it has too many levels"),
        ("author: somebody", f"author: {'[' * 5000}{']' * 5000}", "it has too many levels"),
        ("author: somebody", BOMB, "not valid YAML: its aliases repeat too much"),
        ("source: payroll", "source: other", ":1: source: the file is payroll.yml"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    contracts: dict[str, Contract], old: str, new: str, complaint: str
) -> None:
    with pytest.raises(SettingsError) as told:
        parse_mapping(MAPPING.replace(old, new), Path("feeds/payroll.yml"), contracts)
    assert complaint in str(told.value)


def test_words_such_as_no_stay_words(contracts: dict[str, Contract]) -> None:
    mapping = parse_mapping(MAPPING, Path("feeds/payroll.yml"), contracts)
    assert mapping.columns["employment_status"].values["No"] == "terminated"


def test_two_sources_of_the_same_files_are_refused(
    contracts: dict[str, Contract], tmp_path: Path
) -> None:
    for name in ("payroll", "payroll_two"):
        text = MAPPING.replace("source: payroll", f"source: {name}")
        (tmp_path / f"{name}.yml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"payroll\.yml has the same files.pattern"):
        read_mappings(tmp_path, contracts)


def test_the_published_schema_is_that_of_the_declaration(project_root: Path) -> None:
    published = json.loads((project_root / "docs/feed_mapping.schema.json").read_text("utf-8"))
    assert published == json_schema()


def test_every_shape_of_the_docs_is_a_valid_mapping(
    project_root: Path, contracts: dict[str, Contract]
) -> None:
    page = (project_root / "docs/feed_mappings.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 13
    for block in blocks:
        head = "" if "source:" in block else "source: shape\nauthor: somebody\n"
        name = "hr_headcount" if not head else "shape"
        parse_mapping(head + block, Path(f"feeds/{name}.yml"), contracts)


def test_the_mappings_of_the_second_bank_are_valid(
    project_root: Path, contracts: dict[str, Contract]
) -> None:
    found = read_mappings(project_root / "feeds" / "demo", contracts)
    assert {declared.mapping.feed for declared in found.values()} == {
        "hr_headcount",
        "iam_app_registry",
        "persona_list",
        "persona_members",
    }
