"""Records that outlive people's data contain no person: logs, metrics, messages, run records.

People with marks in their BRIDs and names are planted wherever a message could show them. Then the
commands of a week run, and all their output except the data is searched for the marks.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from loader_home import Home
from persona_access.audit.chain import Chain
from persona_access.audit.record import log_file, record
from persona_access.base.pseudonyms import NAMED_BY_A_PERSON, PREFIX, Pseudonyms
from persona_access.base.settings import load_settings
from persona_access.commands.output import Output
from persona_access.weeks.alerts.message import message_of
from persona_access.weeks.run_record import RunRecords
from scenarios.bank import WEEKS, feed_rows, feed_text, seeds
from scenarios.project import Project, make_project

ROOT = Path(__file__).resolve().parents[3]
WEEK = WEEKS[1]
# Neither mark occurs in another word, path, hash or figure.
MARK = re.compile(r"zq7|7\.71e\+5", re.IGNORECASE)
APPROVED = {
    "valid_from": "2026-01-01",
    "approved_by": "9001",
    "approved_on": "2025-12-20",
    "rationale": "Invented for Zq7name.",
}
WRONG = {
    "persona_overrides": {
        "override_id": "O-NEW",
        "brid": "ZQ71001",
        "persona_id": "trader",
        "requested_by": "9002",
        **APPROVED,
        "approved_by": "ZQ71003",
    },
    "waivers": {
        "waiver_id": "W-NEW",
        "brid": "ZQ71004",
        "application_id": "satchel",
        "valid_to": "2026-12-31",
        "requested_by": "9002",
        **APPROVED,
    },
    "non_human_accounts": {
        "brid": "ZQ7SVC",
        "purpose": "",
        "owner_brid": "ZQ71005",
        **APPROVED,
    },
}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Plant people in files and decisions of the bank's first week."""
    project = make_project(tmp_path_factory.mktemp("logs") / "project", seeds())
    for feed in ("hr_headcount", "iam_app_registry", "persona_list", "persona_members"):
        rows = feed_rows(feed, 1)
        if feed == "hr_headcount":
            planted = rows[0] | {"brid": "ZQ71001", "full_name": "Zq7name Invented"}
            # Twice, and once damaged as by a spreadsheet.
            rows += [planted, planted, planted | {"brid": "7.71E+5"}]
        if feed == "iam_app_registry":
            rows += [rows[0] | {"brid": brid} for brid in ("ZQ71006", "ZQ7SVC", "7.71E+5")]
        project.deliver(feed, WEEK, feed_text(rows))
    list_of = project.settings.drop_zone / f"review_decisions_ZQ71002_{WEEK}.csv"
    list_of.write_text("decision\nkeep\n", "utf-8")
    return project


@contextmanager
def wrong_decisions(project: Project) -> Iterator[None]:
    """Write decisions with these people that fail tests."""
    right = seeds()
    for name, row in WRONG.items():
        project.write_seed(name, [*right.get(name, []), row])
    yield
    for name in WRONG:
        project.write_seed(name, right.get(name, []))


@pytest.fixture(scope="module")
def said(week: Project) -> dict[str, str]:
    """Run the commands of a week, first with wrong decisions; return the log of each."""
    found: dict[str, str] = {}

    def run(*command: str) -> None:
        result = week.run(*command)
        found[f"{len(found)} {' '.join(command)}"] = result.output

    os.environ["PERSONA_ACCESS_METRICS"] = str(week.root / "metrics.prom")
    try:
        with wrong_decisions(week):
            run("load")
            run("run", "--due", str(WEEK))
        run("run", "--due", str(WEEK))
        run("publish")
        run("rollback", "--because", "invented")
        run("evidence", "--week", str(WEEK))
        run("prune", "--yes")
        run("audit", "verify")
    finally:
        del os.environ["PERSONA_ACCESS_METRICS"]
    return found


def test_the_plants_are_seen(said: dict[str, str]) -> None:
    """Each place that could name a person was reached, and has a pseudonym."""
    stopped = said["1 run --due 2026-01-05"]
    for test in ("assert_approvals_are_sound", "assert_waivers_cover_a_finding"):
        assert re.search(rf"{test}: .*{PREFIX}", stopped), test
    assert re.search(rf"assert_hr_has_one_row_per_person: brid = {PREFIX}", "".join(said.values()))
    loaded = said["0 load"]
    assert f"brid is '{PREFIX}" in loaded
    assert f"review_decisions_{PREFIX}" in loaded
    # Values that identify nobody stay readable.
    assert "decision_id = W-NEW" in stopped
    assert "column_name = approved_by" in stopped
    assert said["7 audit verify"].startswith("Unchanged: "), said["7 audit verify"]


def test_no_log_names_a_planted_person(said: dict[str, str]) -> None:
    for command, text in said.items():
        assert not MARK.search(text), (
            command,
            [line for line in text.splitlines() if MARK.search(line)],
        )


def test_no_record_metric_or_message_names_a_planted_person(
    week: Project, said: dict[str, str]
) -> None:
    del said
    home = week.settings.home
    kept = [
        log_file(week.settings),
        week.root / "metrics.prom",
        *(home / "runs").glob("*.json"),
        *(week.root / "logs").rglob("*.*"),
        *(week.root / "target").rglob("*.log"),
    ]
    assert {file.suffix for file in kept} >= {".jsonl", ".prom", ".json"}
    for file in kept:
        assert not MARK.search(file.read_text("utf-8")), file
    for record_of_run in RunRecords(home).all():
        message = message_of(record_of_run, week.settings.runbook)
        assert not MARK.search(json.dumps(message.__dict__ if message else "", default=str))


def test_one_person_has_one_pseudonym_in_log_and_audit_log(
    week: Project, said: dict[str, str]
) -> None:
    pseudonym = Pseudonyms(week.settings).of("ZQ71003")
    assert pseudonym in said["1 run --due 2026-01-05"]
    assert any(pseudonym in str(entry.what) for entry in Chain(log_file(week.settings)).read())


def test_a_terminal_shows_people(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(home=home.path)
    sentence = "assert_x: brid = ZQ71001"
    for is_terminal in (True, False):
        text = io.StringIO()
        console = Console(file=text, force_terminal=is_terminal, width=200, color_system=None)
        monkeypatch.setattr(
            "persona_access.commands.output._console", lambda shown=console, **_: shown
        )
        Output(log_of=settings).say(sentence)
        assert ("ZQ71001" in text.getvalue()) == is_terminal
        assert (PREFIX in text.getvalue()) != is_terminal


def test_what_is_asked_for_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_LOG_PEOPLE", "true")
    out = Output(log_of=load_settings(home=home.path))
    assert out.hide("assert_x: brid = ZQ71001") == "assert_x: brid = ZQ71001"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("assert_x: gate = leavers_spike, n_found = 30, examples = A1 B2", "n_found = 30"),
        ("assert_x: gate = unreadable_keys, examples = 3 17", "examples = 3 17"),
        ("  warning: assert_x: brid = A1, reason = It has two rows.", "reason = It has two rows."),
        ("not_null_x: full_name = A1, reason = A1 left, cost_center = C-1", "cost_center = C-1"),
        ("assert_x: seed_name = persona_feedback, decision_id = A1 trader", "persona_feedback"),
        ("assert_x: column_name = persona_id, value_found = trader", "value_found = trader"),
        ("assert_x: column_name = approved_by, value_found = A1", "column_name = approved_by"),
        ("model_x: Conversion Error: Could not convert string 'A1' to INT32", "INT32"),
        ("model_x: duplicate key value violates unique constraint, Key (brid)=(A1)", "(brid)="),
        ("line 3: brid is 'A1 o'B2', a number in scientific notation", "line 3: brid is"),
        ("line 3: expires_date is '2026-13-45', which is not a date", "2026-13-45"),
        ("loaded review_decisions_A1_2026-01-05.xlsx: 4 rows.", "_2026-01-05.xlsx: 4 rows."),
        (
            "/drop/review_decisions_tickets_jira_2026-01-05.csv: run it.",
            "/drop/review_decisions_tickets_jira_2026-01-05.csv: run it.",
        ),
    ],
)
def test_people_are_replaced_and_the_rest_stays(home: Home, sentence: str, shown: str) -> None:
    hidden = Pseudonyms(load_settings(home=home.path)).hide(sentence)
    assert not re.search(r"\b(A1|B2)\b", hidden), hidden
    assert shown in hidden, hidden


def test_the_key_is_the_homes_own_and_private(home: Home, new_home: object) -> None:
    pseudonyms = Pseudonyms(load_settings(home=home.path))
    first = pseudonyms.of("A1")
    assert pseudonyms.of("a1 ") == first == Pseudonyms(load_settings(home=home.path)).of("A1")
    assert pseudonyms.find(first, ["B2", "A1"]) == "A1"
    (key,) = home.path.glob("pseudonym_key")
    assert key.stat().st_mode & 0o077 == 0
    other = new_home("other")  # type: ignore[operator]
    assert Pseudonyms(load_settings(home=other.path)).of("A1") != first


def test_with_an_encryption_key_no_key_lies_in_the_home(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_ENCRYPTION_KEY", "0f" * 32)
    Pseudonyms(load_settings(home=home.path)).of("A1")
    assert not list(home.path.glob("pseudonym_key"))


def test_no_column_that_names_a_person_is_clear(home: Home) -> None:
    """Check the declarations of every mart column, and the keys of seeds."""
    pseudonyms = Pseudonyms(load_settings(home=home.path))
    privacy: dict[str, set[str]] = {}
    for file in (ROOT / "models").rglob("*.yml"):
        for model in yaml.safe_load(file.read_text("utf-8")).get("models") or []:
            for column in model.get("columns") or []:
                meta = column.get("config", {}).get("meta", {})
                privacy.setdefault(column["name"], set()).add(meta.get("privacy", "none"))
    # People write the ids of decisions, and operators search for them.
    personal = {name for name, said in privacy.items() if said != {"none"}} - {
        "rule_id",
        "waiver_id",
    }
    assert len(personal) > 20
    assert not [name for name in sorted(personal) if pseudonyms.is_clear(name)]
    checks = (ROOT / "tests" / "assert_decisions_are_well_formed.sql").read_text("utf-8")
    ids = re.findall(r"    '(\w+)': \{\n        'id': (.*),\n", checks)
    assert {seed for seed, said in ids if "brid" in said} == NAMED_BY_A_PERSON


def test_what_the_environment_claims_is_recorded_beside_the_uid(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "SUDO_USER"):
        monkeypatch.setenv(name, "mallory")
    entry = record(load_settings(home=home.path), "evidence", {"pack": "invented"})
    assert "mallory" not in entry.who
    assert f"(uid {os.getuid()}" in entry.who
    assert entry.what["claimed"]["LOGNAME"] == "mallory"
