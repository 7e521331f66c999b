"""Several sources of a feed, and attributes of a bank's own, from foreign files to the report.

A headcount in two regions, a registry of two platforms, of which one is optional, and a monthly
persona list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scenarios.project import Project, Row, make_project

FIRST, SECOND, THIRD = date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19)
SIGNED = {
    "owner": "1001",
    "author": "1002",
    "approved_by": "1001",
    "approved_on": "2026-01-05",
    "rationale": "Invented.",
}
MAPPINGS = {
    "emea": """
source: emea
feed: hr_headcount
author: a.analyst
files: {pattern: HC EMEA %d.%m.%Y.csv}
table: {delimiter: ;}
columns:
  brid: Personnel No
  full_name: Name
  employment_status: {from: State, values: {A: active}}
  management_level: Level
  cost_center: CC
attributes: {job_family: Job Family, region: {constant: EMEA}}
ignore: [Floor]
""",
    "apac": """
source: apac
feed: hr_headcount
author: a.analyst
files: {pattern: apac_%Y-%m-%d.csv}
columns:
  brid: EMPLID
  full_name: NAME
  employment_status: {constant: active}
  management_level: GRADE
  cost_center: COST_CENTER
attributes: {job_family: JF, region: {constant: APAC}}
""",
    "unix": """
source: unix
feed: iam_app_registry
author: a.analyst
files: {pattern: unix-%Y%m%d.csv}
columns: {brid: user, application_id: app, application_name: app}
""",
    "mainframe": """
source: mainframe
feed: iam_app_registry
required: false
author: a.analyst
files: {pattern: mainframe-%Y%m%d.csv}
columns: {brid: USERID, application_id: GROUP, application_name: GROUP}
""",
    "roles": """
source: roles
feed: persona_list
max_age_days: 35
author: a.analyst
files: {pattern: Roles %d %b %Y.csv}
columns:
  persona_id: Role
  persona_name: Name
  application_id: App
  requirement: {constant: mandatory}
""",
}
EMEA = [str(1001 + n) for n in range(15)]
APAC = [str(2001 + n) for n in range(15)]
TELLERS = {"1003", "2003"}


def rules() -> dict[str, list[dict[str, str]]]:
    """Return the decisions: people are tellers by an attribute, and clerks without it."""
    rule = {"rule_version": "1", "effect": "assign", "management_level": "*", "cost_center": "C1"}
    days = {"valid_from": "2026-01-05", **SIGNED}
    return {
        "mapping_rules": [
            {"rule_id": "R-CLERK", "persona_id": "clerk", **rule, **days},
            {"rule_id": "R-TELLER", "persona_id": "teller", **rule, **days},
        ],
        "rule_conditions": [
            {
                "rule_id": "R-TELLER",
                "rule_version": "1",
                "attribute_name": "job_family",
                "attribute_value": "Tell*",
            },
        ],
        "persona_owners": [
            {
                "persona_id": persona,
                "owner_brid": "1001",
                "valid_from": "2026-01-05",
                "approved_by": "1002",
                "approved_on": "2026-01-05",
                "rationale": "Invented.",
            }
            for persona in ("clerk", "teller")
        ],
    }


def drop(project: Project, name: str, rows: Sequence[Sequence[str]], sign: str = ",") -> None:
    """Put a file into the drop zone."""
    project.settings.drop_zone.mkdir(parents=True, exist_ok=True)
    text = "".join(sign.join(row) + "\n" for row in rows)
    (project.settings.drop_zone / name).write_text(text, "utf-8")


def job_family(brid: str) -> str:
    """Return the job family of a person in the HR file."""
    return "TELLER-2" if brid in TELLERS else "CLERK"


def deliver(project: Project, week: date, *sources: str, held: set[str] | None = None) -> None:
    """Deliver the files of these sources; `held` are who holds `vault` on the mainframe."""
    if "emea" in sources:
        head = ["Personnel No", "Name", "State", "Level", "CC", "Job Family", "Floor"]
        rows = [[b, f"Name {b}", "A", "L1", "C1", job_family(b), "3"] for b in EMEA]
        drop(project, f"HC EMEA {week:%d.%m.%Y}.csv", [head, *rows], ";")
    if "apac" in sources:
        head = ["EMPLID", "NAME", "GRADE", "COST_CENTER", "JF"]
        rows = [[b, f"Name {b}", "L1", "C1", job_family(b)] for b in APAC]
        drop(project, f"apac_{week}.csv", [head, *rows])
    if "unix" in sources:
        rows = [[brid, "ledger"] for brid in EMEA + APAC]
        drop(project, f"unix-{week:%Y%m%d}.csv", [["user", "app"], *rows])
    if "mainframe" in sources:
        rows = [[brid, "VAULT"] for brid in sorted(held or {"1003", "2003", "1005"})]
        rows += [[brid, "PAYROLL"] for brid in EMEA]
        drop(project, f"mainframe-{week:%Y%m%d}.csv", [["USERID", "GROUP"], *rows])
    if "list" in sources:
        rows = [
            ["Role", "Name", "App"],
            ["clerk", "Clerk", "ledger"],
            ["teller", "Teller", "ledger"],
            ["teller", "Teller", "vault"],
        ]
        drop(project, f"Roles {week:%d %b %Y}.csv", rows)


def document(project: Project, *arguments: str) -> dict[str, Any]:
    """Run a command with --json."""
    return dict(json.loads(project.run(*arguments, "--json").stdout))


def findings(project: Project, week: date) -> dict[str, tuple[str, str | None]]:
    """Return the state and the reason of suspension of each excess on the mainframe."""
    rows = project.query(
        "select brid, finding_state, suspended_reason from marts.fct_finding_weeks "
        f"where as_of_date = date '{week}' and application_id = 'vault'"
    )
    return {row["brid"]: (row["finding_state"], row["suspended_reason"]) for row in rows}


def pairs(project: Project, week: date) -> dict[tuple[str, str], str]:
    """Return the verdict of each pair."""
    rows: list[Row] = project.query(
        "select brid, application_id, "
        "reconciliation_status || ' ' || reconciliation_reason as word "
        f"from marts.fct_access_reconciliation where as_of_date = date '{week}'"
    )
    return {(row["brid"], row["application_id"]): row["word"] for row in rows}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load and build three weeks: complete, without the optional source, and complete again."""
    project = make_project(tmp_path_factory.mktemp("sources"), rules())
    (project.root / "feeds").mkdir()
    for source, text in MAPPINGS.items():
        (project.root / "feeds" / f"{source}.yml").write_text(text.lstrip(), "utf-8")
    deliver(project, FIRST, "emea", "apac", "unix", "mainframe", "list")
    project.load()
    built = project.run("build")
    assert built.exit_code == 0, built.output
    return project


@pytest.fixture(scope="module")
def second(project: Project) -> tuple[Project, list[str]]:
    """Continue to the second week: first a region is missing, then only the optional platform."""
    said = []
    deliver(project, SECOND, "emea", "unix")
    project.load()
    said.append(project.run("build").output)
    deliver(project, SECOND, "apac")
    project.load()
    said.append(project.run("build").output)
    return project, said


def test_attributes_are_kept_and_shown(project: Project) -> None:
    person = document(project, "explain", "2003")["person"]
    assert person["attributes"] == {"job_family": "TELLER-2", "region": "APAC"}
    assert "job family TELLER-2, region APAC" in project.run("explain", "2003").stdout


def test_a_rule_asks_for_an_attribute(project: Project) -> None:
    tellers = project.query(
        "select brid, source_id from marts.fct_persona_assignments where persona_id = 'teller'"
    )
    assert {row["brid"] for row in tellers} == TELLERS
    asked = ("--management-level", "L1", "--cost-center", "C1")
    for attributes, persona in (((), "clerk"), (("--attribute", "job_family=Teller"), "teller")):
        found = document(project, "resolve", *asked, *attributes)
        assert [row["persona"] for row in found["personas"]] == [persona], found


def test_every_source_is_of_the_week(project: Project) -> None:
    rows = project.query(
        "select feed, source_name, n_rows_loaded from marts.fct_loads "
        "where is_in_force order by 1, 2"
    )
    assert [(row["feed"], row["source_name"], row["n_rows_loaded"]) for row in rows] == [
        ("hr_headcount", "apac", 15),
        ("hr_headcount", "emea", 15),
        ("iam_app_registry", "mainframe", 18),
        ("iam_app_registry", "unix", 30),
        ("persona_list", "roles", 3),
    ]
    inputs = project.query("select input_kind, input_name, sha256 from runs.week_inputs")
    mappings = {row["input_name"] for row in inputs if row["input_kind"] == "mapping"}
    assert mappings == set(MAPPINGS)
    files = {row["input_name"] for row in inputs if row["input_kind"] == "file"}
    assert {"hr_headcount/apac", "hr_headcount/emea", "persona_list/roles"} <= files


def test_a_lost_region_stops_the_week_by_name(second: tuple[Project, list[str]]) -> None:
    _, said = second
    assert f"{SECOND} is incomplete and cannot be built: apac is missing" in said[0]
    assert "its newest earlier extract is of 2026-10-05" in said[0]


def test_the_absence_of_a_late_optional_source_proves_nothing(
    second: tuple[Project, list[str]],
) -> None:
    project, said = second
    assert "mainframe" in said[1], said[1]
    found = pairs(project, SECOND)
    assert {pair: word for pair, word in found.items() if pair[1] == "vault"} == {
        ("1003", "vault"): "unassessed source_late",
        ("2003", "vault"): "unassessed source_late",
        ("1005", "vault"): "unassessed source_late",
    }
    assert findings(project, SECOND) == {"1005": ("suspended", "source_late")}


def test_a_week_of_several_sources_is_verified_and_shown_as_evidence(project: Project) -> None:
    verified = project.run("verify", "--week", str(FIRST))
    assert verified.exit_code == 0, verified.output
    mapping = project.root / "feeds" / "emea.yml"
    text = mapping.read_text("utf-8")
    mapping.write_text(text.replace("Floor", "Floor, Desk"), "utf-8")
    told = project.run("verify", "--week", str(FIRST)).output
    mapping.write_text(text, "utf-8")
    assert "emea.yml changed since the files of 2026-10-05 were loaded" in told


def test_the_source_that_comes_back_decides(
    second: tuple[Project, list[str]], tmp_path: Path
) -> None:
    before, _ = second
    project = before.copy(tmp_path / "third")
    deliver(project, THIRD, "emea", "apac", "unix", "mainframe", held=TELLERS)
    project.load()
    built = project.run("build")
    assert built.exit_code == 0, built.output
    assert findings(project, THIRD) == {"1005": ("closed", None)}
    assert ("1005", "vault") not in pairs(project, THIRD)
    pack = tmp_path / "pack.zip"
    written = project.run("evidence", "--week", str(THIRD), "--out", str(pack))
    assert written.exit_code == 0, written.output


def test_weeks_go_on_with_a_list_of_every_month(second: tuple[Project, list[str]]) -> None:
    project, _ = second
    rows = project.query(
        "select as_of_date, count(*) as n from marts.fct_access_reconciliation "
        "where application_id = 'ledger' and reconciliation_status = 'match' group by 1 order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [(FIRST, 30), (SECOND, 30)]
    assert project.check("assert_required_feeds_are_not_late", SECOND).status == "pass"


def test_a_region_that_loses_rows_is_caught_by_its_own_gate(
    second: tuple[Project, list[str]], tmp_path: Path
) -> None:
    before, _ = second
    project = before.copy(tmp_path / "shrunk")
    deliver(project, THIRD, "emea", "apac", "unix", "mainframe")
    name = f"apac_{THIRD}.csv"
    lines = (project.settings.drop_zone / name).read_text("utf-8").splitlines()
    # Six of fifteen people, who are a fifth of the bank.
    drop(project, name, [line.split(",") for line in lines[:10]])
    project.load()
    (row,) = project.check("assert_feeds_keep_their_size", THIRD).rows
    assert (row["source_name"], row["n_rows_loaded"], row["n_rows_loaded_before"]) == (
        *("apac", 9),
        15,
    )
    mapping = project.root / "feeds" / "apac.yml"
    text = mapping.read_text("utf-8") + "gates: {max_shrink_share: 0.5}\n"
    mapping.write_text(text, "utf-8")
    drop(project, name, [line.split(",") for line in lines[:10]])
    project.load()
    assert project.check("assert_feeds_keep_their_size", THIRD).status == "pass"
