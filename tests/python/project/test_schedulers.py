"""The schedulers' files are valid for their own tools, and all call the same command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from persona_access.commands.main import app

FILES = (
    "../host/systemd/persona-access.service",
    "../kubernetes/cronjob.yaml",
    "cron/persona-access",
    "airflow/persona_access_dag.py",
)


@pytest.fixture(scope="module")
def schedulers(project_root: Path) -> Path:
    return project_root / "deploy" / "schedulers"


@pytest.mark.parametrize("name", FILES)
def test_only_options_that_exist_are_given(schedulers: Path, name: str) -> None:
    text = (schedulers / name).read_text()
    assert re.search(r"(persona-access|\{COMMAND\}) run |args: \[run, ", text)
    known = CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).stdout
    for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", text):
        assert option in known


@pytest.mark.parametrize("table", ["persona-access", "persona-access-container"])
def test_the_cron_lines_are_those_of_a_system_table(schedulers: Path, table: str) -> None:
    lines = (schedulers / "cron" / table).read_text().splitlines()
    for line in [line for line in lines if not line.startswith("#")]:
        match = re.fullmatch(r"([\d*,/-]+ ){5}(?P<user>\S+) (?P<command>.+)", line)
        assert match is not None
        # A percent sign would end the command in a crontab.
        assert "%" not in match["command"]
        subprocess.run(["sh", "-n", "-c", match["command"]], check=True)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("../host/systemd/persona-access-verify.service", "persona-access audit verify"),
        ("../kubernetes/cronjob.yaml", "args: [audit, verify]"),
        ("cron/persona-access", "persona-access audit verify"),
        ("cron/persona-access-container", '"$IMAGE" audit verify'),
        ("airflow/persona_access_dag.py", "{COMMAND} audit verify; {GATE}"),
        ("../aws/persona_access_aws/tasks.py", 'VERIFY: ("audit", "verify")'),
    ],
)
def test_every_scheduler_verifies_the_audit_log_too(
    schedulers: Path, name: str, command: str
) -> None:
    assert command in (schedulers / name).read_text("utf-8")


def test_both_lines_of_the_container_run_it_with_the_same_few_rights(schedulers: Path) -> None:
    lines = (schedulers / "cron" / "persona-access-container").read_text().splitlines()
    run, verify = (line.partition(" podman run ")[2] for line in lines if line[0] != "#")
    options = {
        line.replace(f"persona-access-{name} ", "persona-access ", 1).partition('"$IMAGE"')[0]
        for line, name in ((run, "run"), (verify, "verify"))
    }
    assert len(options) == 1
    for needed in ("--rm", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges"):
        assert needed in run


def test_both_jobs_of_kubernetes_run_the_same_pod(schedulers: Path) -> None:
    documents = yaml.safe_load_all((schedulers / "../kubernetes/cronjob.yaml").read_text("utf-8"))
    pods = [
        found["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        for found in documents
        if found["kind"] == "CronJob"
    ]
    assert len(pods) == 2
    for pod in pods:
        (container,) = pod["containers"]
        del container["name"], container["args"]
    assert pods[0] == pods[1]


@pytest.fixture
def airflow(tmp_path: Path, schedulers: Path) -> Callable[..., str]:
    """Run a command in Airflow's own environment, which `make schedulers` installs."""
    python = schedulers / "airflow" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("Airflow is not installed: make schedulers")
    settings = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(schedulers / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
    }

    def run(*arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [python, *arguments],
            env={**os.environ, **settings, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_dag_runs_under_airflow(airflow: Callable[..., str], tmp_path: Path) -> None:
    # A stand-in for the project's command, whose own tests cover the effect of each call.
    said = tmp_path / "said.txt"
    command = tmp_path / "persona-access"
    command.write_text(f'#!/bin/sh\necho "$@" >> {said}\n')
    command.chmod(0o755)
    airflow("-m", "airflow", "db", "migrate")
    out = airflow(
        "-m", "airflow", "dags", "test", "persona_access", "2026-10-05",
        PERSONA_ACCESS_COMMAND=str(command),
    )  # fmt: skip
    assert "state=success" in out
    assert said.read_text().splitlines() == [
        "run --no-publish --wait-minutes 240 --due 2026-10-05",
        "run --due 2026-10-05",
    ]
    airflow(
        "-m", "airflow", "dags", "test", "persona_access_verify", "2026-10-05",
        PERSONA_ACCESS_COMMAND=str(command),
    )  # fmt: skip
    assert said.read_text().splitlines()[2:] == ["audit verify"]


def test_each_model_is_a_task_where_the_warehouse_has_many_writers(
    airflow: Callable[..., str], schedulers: Path, project_root: Path, tmp_path: Path
) -> None:
    dag = schedulers / "airflow" / "persona_access_models_dag.py"
    read = f"import runpy; print(runpy.run_path({str(dag)!r}).get('dag'))"
    assert airflow("-c", read).strip() == "None"
    target = tmp_path / "project" / "target"
    dbt = Path(sys.executable).with_name("dbt")
    subprocess.run([dbt, "--quiet", "parse", "--target-path", target], cwd=project_root, check=True)
    shutil.copy(project_root / "profiles.yml", target.parent)
    shutil.copy(project_root / "dbt_project.yml", target.parent)
    read = (
        f"import runpy; dag = runpy.run_path({str(dag)!r})['dag']; "
        "fact = dag.get_task('models.fct_access_reconciliation_run'); "
        "print('FOUND', sorted(fact.upstream_task_ids)[0], len(dag.task_ids))"
    )
    found = airflow(
        "-c", read, PERSONA_ACCESS_MODELS_TARGET="dev", PERSONA_ACCESS_PROJECT=str(target.parent),
        PERSONA_ACCESS_COMMAND=str(dbt.with_name("persona-access")),
    )  # fmt: skip
    _, upstream, n_tasks = found[found.index("FOUND") :].split()
    assert upstream.startswith("models.int_")
    n_models = len(list((project_root / "models").rglob("*.sql")))
    assert int(n_tasks) > n_models
