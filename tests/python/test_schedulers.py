"""The schedulers' files: what their own tools say of them, and that all call the same command."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from persona_access.cli import app

FILES = (
    "systemd/persona-access.service",
    "cron/persona-access",
    "airflow/persona_access_dag.py",
)


@pytest.fixture(scope="module")
def schedulers(project_root: Path) -> Path:
    return project_root / "deploy" / "schedulers"


@pytest.mark.parametrize("name", FILES)
def test_only_options_that_exist_are_given(schedulers: Path, name: str) -> None:
    text = (schedulers / name).read_text()
    assert re.search(r"(persona-access|\{COMMAND\}) run ", text)
    known = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).stdout
    for option in re.findall(r"(?<=\s)--[a-z-]+", text):
        assert option in known


def test_systemd_accepts_the_units(schedulers: Path, tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    # Account and program are those of the machine where it will run.
    service = (schedulers / "systemd" / "persona-access.service").read_text()
    service = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", service)
    (tmp_path / "persona-access.service").write_text(service)
    shutil.copy(schedulers / "systemd" / "persona-access.timer", tmp_path)
    verified = subprocess.run(
        [tool, "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_cron_line_is_one_of_a_system_table(schedulers: Path) -> None:
    lines = (schedulers / "cron" / "persona-access").read_text().splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    match = re.fullmatch(r"([\d*,/-]+ ){5}(?P<user>\S+) (?P<command>.+)", line)
    assert match is not None
    # A percent sign would end the command in a table of cron.
    assert "%" not in match["command"]
    subprocess.run(["sh", "-n", "-c", match["command"]], check=True)


def test_airflow_reads_the_dag(schedulers: Path, tmp_path: Path) -> None:
    dag = schedulers / "airflow" / "persona_access_dag.py"
    ast.parse(dag.read_text())
    python = os.environ.get("PERSONA_ACCESS_AIRFLOW_PYTHON")
    if python is None:
        pytest.skip("PERSONA_ACCESS_AIRFLOW_PYTHON names no Python with Airflow; see its folder")
    read = subprocess.run(
        [python, "-c", f"import runpy; print(runpy.run_path({str(dag)!r})['dag'].task_ids)"],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "['wait_load_build', 'publish']" in read.stdout
