"""A new organisation: folders, decisions with only headers, and the rules of its persona list."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from foreign_files import (
    Bank,
    Grant,
    make_bank,
    mission_headcount,
    mission_persona_list,
    mission_registry,
)
from persona_access.base.contracts import read_contracts
from persona_access.commands.onboard import _ask
from persona_access.demo import DemoBank, write_demo
from persona_access.demo.bank import cells
from persona_access.loader.onboarding.proposal import propose, read_table
from scenarios.project import Project, make_project

LIST = """Role Code,Role Name,App Code,App Name,M/O,Mgmt Level,Cost Center
P1,Teller,app-01,Service 1,M,L2,OPS-2020
P1,Teller,app-02,Service 2,O,L2,OPS-2020
P2,Adviser,app-03,Service 3,M,,FIN-1010
P3,Everybody,app-04,Service 4,M,*,All
P4,Somebody,app-04,Service 4,M,,
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project without any decision."""
    return make_project(tmp_path / "project", {})


def onboard(project: Project, *files: Path) -> dict[str, Any]:
    """Start from scratch with some files."""
    names = [str(file) for file in files]
    result = project.run("onboard", "--from-scratch", "--author", "a.analyst", "--json", *names)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_folders_and_headers_are_made_and_nothing_is_overwritten(project: Project) -> None:
    found = onboard(project)
    decisions = project.root / "decisions"
    declared = {file.name for file in (project.root / "seeds").glob("*.csv")}
    assert {file.name for file in decisions.glob("*.csv")} == declared
    for file in decisions.glob("*.csv"):
        assert file.read_text("utf-8").count("\n") == 1, file.name
    assert project.settings.drop_zone.is_dir()
    assert project.settings.feeds.is_dir()
    (decisions / "waivers.csv").write_text("mine\n", "utf-8")
    assert onboard(project)["from_scratch"] != found["from_scratch"]
    assert (decisions / "waivers.csv").read_text("utf-8") == "mine\n"


def test_a_file_without_any_known_column_leaves_no_mapping(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "passwd"
    file.write_text("root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\n" * 9)
    result = project.run("onboard", "--author", "a.analyst", str(file))
    assert result.exit_code == 1, result.output
    assert not list(project.settings.feeds.glob("passwd*"))
    assert project.run("check").exit_code == 0


def test_an_answer_that_is_none_is_asked_for_again(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "HR 2026-10-05.csv"
    lines = [f"{104200 + n},Ann Abel,{'YN'[n % 2]},L1,C1" for n in range(30)]
    file.write_text(
        "\n".join(["Employee ID,Name,Status,Grade,Cost Center", *lines]) + "\n", "utf-8"
    )
    proposal = propose(read_table(file), read_contracts(project.settings.models), {})
    answers = iter(["9", "neither", "active", "3"])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    asked = _ask(proposal)
    assert asked.questions == []
    assert asked.document["columns"]["employment_status"]["values"] == {
        "Y": "active", "N": "terminated"
    }  # fmt: skip


def test_the_rules_that_a_persona_list_implies_are_proposed_unsigned(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "Persona List 2026-10-05.csv"
    file.write_text(LIST, "utf-8")
    bank = make_bank()
    onboard(
        project, mission_headcount(bank, tmp_path).file, mission_registry(bank, tmp_path).file, file
    )
    text = (project.root / "decisions" / "mapping_rules.csv").read_text("utf-8")
    rules = list(csv.DictReader(text.splitlines()))
    assert [
        (rule["management_level"], rule["cost_center"], rule["persona_id"]) for rule in rules
    ] == [("L2", "OPS-2020", "P1"), ("*", "FIN-1010", "P2")]
    for rule in rules:
        assert rule["author"] == rule["approved_by"] == rule["approved_on"] == ""
        assert rule["rationale"] == "Implied by Persona List 2026-10-05.csv."
    assert len(list(project.settings.feeds.glob("*.yml"))) == 3
    # Held in addition to the own persona, which a rule cannot express.
    (mapping,) = project.settings.feeds.glob("persona*.yml")
    assert yaml.safe_load(mapping.read_text("utf-8"))["columns"]["is_baseline"] == {
        "from": "Role Code", "values": {"P3": "true"}, "otherwise": "false"
    }  # fmt: skip


def test_files_are_delivered_and_one_that_cannot_be_read_stops_no_other(
    project: Project, tmp_path: Path
) -> None:
    spoilt = tmp_path / "A first file 2026-10-05.csv"
    spoilt.write_text("\n")
    file = tmp_path / "Persona List 2026-10-05.csv"
    file.write_text(LIST, "utf-8")
    headcount = mission_headcount(make_bank(), tmp_path).file.rename(tmp_path / "HR 2026-10-05.csv")
    result = project.run("onboard", "--from-scratch", "--json", str(spoilt), str(file))
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert [entry["file"] for entry in found["mappings"]] == [file.name]
    assert list(found["refused"]) == [str(spoilt)]
    assert (project.settings.drop_zone / file.name).read_text("utf-8") == LIST
    said = project.run("onboard", "--from-scratch", str(headcount)).output
    assert "No input assigns personas to people yet" in said
    assert "run --due 2026-10-05 --accept unresolved_share:2026-10-05 --because" in " ".join(
        said.split()
    )
    for made in (project.settings.drop_zone / file.name, *(project.root / "decisions").iterdir()):
        assert made.stat().st_mode & 0o200, made


def monthly_list(folder: Path, name: str) -> Path:
    """Write the persona list under a name."""
    file = folder / name
    file.write_text(LIST, "utf-8")
    return file


def declared(project: Project, source: str) -> dict[str, object]:
    """Read a written mapping."""
    text = (project.settings.feeds / f"{source}.yml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def test_a_file_named_by_its_month_counts_for_a_month(project: Project, tmp_path: Path) -> None:
    onboard(project, monthly_list(tmp_path, "Role Catalogue Oct 2026.csv"))
    found = declared(project, "role_catalogue")
    assert found["max_age_days"] == 35
    assert found["files"] == {"pattern": "Role Catalogue %b %Y.csv"}


def test_a_file_of_a_month_that_is_not_over_is_of_its_first_day(
    project: Project, tmp_path: Path
) -> None:
    now = dt.datetime.now(dt.UTC).date()
    headcount = mission_headcount(make_bank(), tmp_path).file
    # With a file of the second day of a month; for the current month, the result depends on today.
    headcount = headcount.rename(tmp_path / f"HR {now:%Y-%m}-02.csv")
    onboard(project, headcount, monthly_list(tmp_path, f"Role Catalogue {now:%b %Y}.csv"))
    files = declared(project, "role_catalogue")["files"]
    assert files == {"pattern": "Role Catalogue %b %Y.csv", "date": {"day": "first"}}


def test_a_file_far_older_than_the_others_is_named_with_the_way_out(
    project: Project, tmp_path: Path
) -> None:
    headcount = mission_headcount(make_bank(), tmp_path).file.rename(tmp_path / "HR 2026-10-05.csv")
    old = monthly_list(tmp_path, "Persona List 2026-08-31.csv")
    arguments = ("onboard", "--from-scratch", str(headcount), str(old))
    said = " ".join(project.run(*arguments).output.split())
    assert "Persona List 2026-08-31.csv is of 2026-08-31, and weeks use it for 6 days" in said
    assert "for a monthly file: onboard --max-age-days persona_list=35" in said
    for file in project.settings.feeds.iterdir():
        file.unlink()
    said = project.run(*arguments, "--max-age-days", "persona_list=40").output
    assert "gives no complete week" not in said
    assert declared(project, "persona_list")["max_age_days"] == 40
    assert "max_age_days" not in declared(project, "hr")
    refused = project.run(*arguments, "--max-age-days", "persona_lists=40")
    assert refused.exit_code == 2
    assert "there is no feed persona_lists" in refused.output


def bank_of_personas() -> Bank:
    """Return a bank whose people hold the access of their cost center's persona, and e-mail."""
    bank = make_bank()
    applications = {
        persona: [f"app-{3 * number + n:02}" for n in range(3)]
        for number, persona in enumerate(("P0", "P1", "P2", "P3"))
    }
    # The risk managers of the highest level are controllers.
    of_cost_center = {"FIN-1010": "P0", "OPS-2020": "P1", "ITS-3030": "P2", "RSK-4040": "P3"}
    day = dt.date(2026, 1, 15)
    grants = []
    for person in bank.people:
        is_lead = person.cost_center == "RSK-4040" and person.level == "L6"
        persona = "P0" if is_lead else of_cost_center[person.cost_center]
        held = [*applications[persona], "mail"]
        grants += [
            Grant(person, application, day, day, is_privileged=False) for application in held
        ]
    personas = [
        (persona, application, "mandatory")
        for persona, listed in applications.items()
        for application in [*listed, "mail"]
    ]
    return replace(bank, grants=grants, personas=personas)


@pytest.mark.parametrize("is_known", [True, False])
def test_who_holds_what_suggests_rules_where_the_list_names_nobody(
    project: Project, tmp_path: Path, is_known: bool
) -> None:
    # If people hold random access, nothing is suggested.
    bank = bank_of_personas() if is_known else make_bank()
    found = onboard(
        project,
        *(mission_headcount(bank, tmp_path).file, mission_registry(bank, tmp_path).file),
        mission_persona_list(bank, tmp_path).file,
    )
    suggested = {
        (rule["cost_center"], rule["management_level"]): rule["persona_id"]
        for rule in found["suggested_rules"]
    }
    file = project.settings.home / "suggested_rules.csv"
    if not is_known:
        assert suggested == {}
        assert not file.exists()
        return
    whole = {"FIN-1010": "P0", "OPS-2020": "P1", "ITS-3030": "P2"}
    assert {cell: persona for cell, persona in suggested.items() if cell[1] == "*"} == {
        (cost_center, "*"): persona for cost_center, persona in whole.items()
    }
    risk = {cell[1]: persona for cell, persona in suggested.items() if cell[0] == "RSK-4040"}
    assert risk.pop("L6", "P0") == "P0"
    assert set(risk.values()) == {"P3"}
    # Suggestions are not approved, and are separate from decisions.
    rules = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert len(rules) == len(suggested)
    assert {rule["approved_by"] + rule["author"] + rule["valid_from"] for rule in rules} == {""}
    decided = project.root / "decisions" / "mapping_rules.csv"
    assert decided.read_text("utf-8").count("\n") == 1
    assert file.read_text("utf-8").startswith(decided.read_text("utf-8"))


def test_suggested_rules_are_those_of_a_bank_whose_rules_are_known(
    project: Project, tmp_path: Path
) -> None:
    bank = DemoBank(n_employees=2_000, n_weeks=1)
    delivered = write_demo(bank, tmp_path / "bank", tmp_path / "truth.csv").feed_files
    files = {file.feed: file.path for file in delivered}
    feeds = ("hr_headcount", "iam_app_registry", "persona_list")
    rules = onboard(project, *(files[feed] for feed in feeds))["suggested_rules"]
    suggested = {
        (rule["management_level"], rule["cost_center"]): rule["persona_id"] for rule in rules
    }
    # There is no rule for a mixed cost center, or for a cell without people.
    known = {
        (cell.management_level, cell.cost_center): cell.persona_id
        for cell in cells()
        if cell.persona_id and not cell.is_mixed
    }
    verdicts: Counter[str] = Counter()
    for person in csv.DictReader(files["hr_headcount"].read_text("utf-8").splitlines()):
        level, center = person["management_level"], person["cost_center"]
        if (level, center) in known:
            found = suggested.get((level, center)) or suggested.get(("*", center))
            is_right = found == known[level, center]
            verdicts["open" if not found else "right" if is_right else "wrong"] += 1
    assert verdicts["wrong"] == 0
    assert verdicts["right"] > 20 * verdicts["open"]
