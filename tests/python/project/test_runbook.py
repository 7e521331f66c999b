"""Each command of the runbook exists, and can run on AWS as the operator's task."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from persona_access.commands.main import app

ROOT = Path(__file__).resolve().parents[3]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"`persona-access ([^`]+)`", RUNBOOK)))
# The rights that each command needs in the operator's task; the tests of deploy/aws prove them:
# every folder of a home, writable; reading deliveries; adding releases; adding and reading anchors.
NEEDS = {
    "run": {"folders", "deliveries", "releases", "anchors"},
    "rebuild": {"folders", "anchors"},
    "prune": {"folders", "anchors"},
    "evidence": {"folders", "anchors"},
    "audit": {"folders", "anchors"},
    "rollback": {"folders", "releases", "anchors"},
    "publish": {"folders", "releases", "anchors"},
    "load": {"folders", "deliveries", "anchors"},
    "build": {"folders", "anchors"},
    "why-changed": {"folders"},
    "summary": {"folders"},
    "causes": {"folders"},
    # The patch is applied in a checkout of the decisions; the causes are read from the home.
    "apply": {"folders"},
    "explain": {"folders"},
}
RIGHTS = {
    "folders": 'OPERATOR: (_Size(4096, 16384), tuple(map(_write, FOLDERS)))',
    "deliveries": 'for step in ("load", OPERATOR):',
    "releases": 'for step in ("publish", OPERATOR):',
    "anchors": "for step in (VERIFY, OPERATOR):",
}  # fmt: skip


def test_the_runbook_names_commands() -> None:
    verbs = {command.split()[0] for command in COMMANDS}
    assert {"run", "rebuild", "prune", "audit", "rollback", "evidence", "why-changed"} <= verbs


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_runbook_is_one_that_the_operators_task_runs(command: str) -> None:
    words = shlex.split(command)
    verb = words[0]
    path = words[:2] if verb == "audit" and len(words) > 1 else words[:1]
    help_text = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200"})
    assert help_text.exit_code == 0, command
    for option in [word for word in words if word.startswith("--")]:
        assert option in help_text.stdout, command
    tasks = (ROOT / "deploy/aws/persona_access_aws/tasks.py").read_text("utf-8")
    for need in NEEDS[verb]:
        assert RIGHTS[need] in tasks, f"{command} needs {need}"


def anchors_of_runbook() -> set[str]:
    headings = re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_every_entry_of_the_runbook_has_an_alert_and_the_other_way_round() -> None:
    from persona_access.base.gates import GATES

    (group,) = yaml.safe_load((ROOT / "deploy/monitoring/alerts.yml").read_text())["groups"]
    by_prometheus = {rule["annotations"]["runbook"].partition("#")[2] for rule in group["rules"]}
    by_prometheus = {
        entry
        for template in by_prometheus
        for entry in (
            [template.replace("{{ $labels.status }}", status) for status in ("excess", "missing")]
            if "{{" in template
            else [template]
        )
    }
    by_gate = {gate.replace("_", "-") for gate in GATES}
    by_aws = {entry for entries in ALARMS_OF_AWS.values() for entry in entries}
    # An error message of the command itself fails its run, which has an alert.
    by_message = {"warehouse-changed", "audit-log-torn"}
    told = by_prometheus | by_gate | by_aws | by_message
    assert told <= anchors_of_runbook(), told - anchors_of_runbook()
    assert anchors_of_runbook() - told == {"after-a-published-week"}


ALARMS_OF_AWS = {
    "Failed": ["run-failed"],
    "TimedOut": ["run-interrupted"],
    "Aborted": ["run-interrupted"],
    "Throttled": ["run-late"],
    "Missing": ["run-late"],
    "Late": ["run-late"],
    "Undelivered": ["run-late"],
    "WatchSilent": ["run-late"],
    "FileRefused": ["file-refused"],
    "AuditBroken": ["tampering"],
    "StaleRelease": ["release-stale"],
    "AnchorMissing": ["anchor-missing"],
    "Tampering": ["tampering"],
}


def test_every_alarm_of_aws_has_its_entry() -> None:
    reviewed = (ROOT / "deploy/aws/tests/reviewed/alarms.txt").read_text("utf-8")
    alarms = set(re.findall(r": Watch(\w+) \(CloudWatch::Alarm\)", reviewed))
    rules = set(re.findall(r": (\w+) \(Events::Rule\)", reviewed))
    assert alarms | rules == set(ALARMS_OF_AWS)
