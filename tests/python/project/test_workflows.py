"""The workflows have limited rights, and pin everything that they run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = Path(__file__).resolve().parents[3] / ".github" / "workflows"
FILES = sorted(WORKFLOWS.glob("*.yml"))
BY_COMMIT = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def read(file: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    return dict(read(file)["jobs"])


def triggers(file: Path) -> set[str]:
    # YAML 1.1 reads the key `on` as true.
    return set(read(file)[True])


def test_there_is_a_workflow_for_each_step() -> None:
    assert {file.stem for file in FILES} == {
        "ci", "deploy", "production", "pull_request", "staging",
    }  # fmt: skip


@EVERY_FILE
def test_actions_are_pinned_by_commit(file: Path) -> None:
    used = [
        step["uses"]
        for job in jobs(file).values()
        for step in [job, *job.get("steps", [])]
        if "uses" in step
    ]
    assert used
    assert [name for name in used if not name.startswith("./") and not BY_COMMIT.match(name)] == []


@EVERY_FILE
def test_rights_are_given_job_by_job(file: Path) -> None:
    assert read(file)["permissions"] == {}
    for name, job in jobs(file).items():
        given = job["permissions"]
        assert given.items() <= {
            "contents": "read", "actions": "read", "id-token": "write",
        }.items(), name  # fmt: skip


@EVERY_FILE
def test_jobs_that_pull_requests_start_have_no_secret_and_no_identity(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert "secrets." not in text
    if "pull_request" in triggers(file):
        for job in jobs(file).values():
            assert "id-token" not in job["permissions"]
            assert "environment" not in job


@EVERY_FILE
def test_nothing_that_a_stranger_wrote_becomes_shell(file: Path) -> None:
    for job in jobs(file).values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", ""), step


def test_only_a_tried_digest_reaches_production() -> None:
    production = jobs(WORKFLOWS / "production.yml")
    assert production["deploy"]["needs"] == "promote"
    assert production["deploy"]["with"]["digest"] == "${{ inputs.digest }}"
    assert production["promote"]["environment"] == "production"
    assert triggers(WORKFLOWS / "production.yml") == {"workflow_dispatch"}
    script = (WORKFLOWS.parents[1] / "deploy/image/promote.sh").read_text("utf-8")
    assert script.index('"$tried" != "$DIGEST"') < script.index("skopeo copy")


def test_staging_takes_an_image_only_after_every_check() -> None:
    staging = jobs(WORKFLOWS / "staging.yml")
    assert staging["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert staging["image"]["needs"] == "ci"
    assert staging["deploy"]["needs"] == "image"
