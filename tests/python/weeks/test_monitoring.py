"""Monitoring as code: rules that fire, a dashboard that is up to date, names that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from persona_access.weeks.metrics import METRICS, PREFIX

TOPICS = re.compile(r"^## (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def monitoring(project_root: Path) -> Path:
    return project_root / "deploy" / "monitoring"


def test_every_alert_fires_in_its_test_and_is_silent_in_the_healthy_one(monitoring: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; it comes with Prometheus")
    subprocess.run([promtool, "check", "rules", monitoring / "alerts.yml"], check=True)
    subprocess.run([promtool, "test", "rules", monitoring / "alerts_test.yml"], check=True)


def test_every_alert_has_a_test(monitoring: Path) -> None:
    (group,) = yaml.safe_load((monitoring / "alerts.yml").read_text())["groups"]
    alerts = {rule["alert"] for rule in group["rules"]}
    tests = yaml.safe_load((monitoring / "alerts_test.yml").read_text())["tests"]
    checks = [(test["name"], check) for test in tests for check in test["alert_rule_test"]]
    fired = {check["alertname"] for _, check in checks if check["exp_alerts"]}
    silent = {check["alertname"] for name, check in checks if name == "healthy"}
    assert fired == silent == alerts


def test_the_dashboard_is_that_of_its_source(monitoring: Path) -> None:
    made = subprocess.run(
        [sys.executable, monitoring / "dashboard.py"], check=True, capture_output=True, text=True
    )
    assert made.stdout == (monitoring / "dashboard.json").read_text()


@pytest.mark.parametrize("name", ["alerts.yml", "dashboard.py"])
def test_only_figures_that_exist_are_asked_for(monitoring: Path, name: str) -> None:
    asked = set(re.findall(rf"\b{PREFIX}_([a-z_]+)\b", (monitoring / name).read_text()))
    assert asked <= METRICS.keys()


def test_the_runbook_has_a_part_for_every_alert_and_gate(
    monitoring: Path, project_root: Path
) -> None:
    from persona_access.base.gates import GATES

    headings = TOPICS.findall((project_root / "docs" / "runbook.md").read_text())
    anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}
    linked = re.findall(
        r"runbook\.md#([a-z-]+)$", (monitoring / "alerts.yml").read_text(), re.MULTILINE
    )
    assert {*linked, *(gate.replace("_", "-") for gate in GATES)} <= anchors
