"""The locked command line reads the library's output, and `make deploy` reaches AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import DIGEST, read

ROOT = Path(__file__).resolve().parents[1]
LOCK = json.loads((ROOT / "package-lock.json").read_text("utf-8"))


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [str(ROOT / script), *arguments],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_lists_the_stacks(synthesised: Path) -> None:
    listed = run("run_cdk.sh", "ls", "--app", str(synthesised))
    assert listed.returncode == 0, listed.stderr
    assert set(listed.stdout.split()) == {
        "PersonaAccess-production",
        "PersonaAccess-production-registry",
        "PersonaAccess-production-second-region",
    }


def test_every_package_of_node_has_a_hash_and_nothing_else_is_run() -> None:
    packages = {name: found for name, found in LOCK["packages"].items() if name}
    assert packages
    for name, found in packages.items():
        assert found["integrity"].startswith("sha512-"), name
    version = packages["node_modules/aws-cdk"]["version"]
    assert tuple(map(int, version.split("."))) >= (2, 1148, 0)
    assert version.startswith("2."), "3.0.0 reads no assembly of this library"
    assert "npx" not in (ROOT.parents[1] / "Makefile").read_text("utf-8")


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    lock = json.loads(json.dumps(LOCK))
    lock["packages"]["node_modules/aws-cdk"]["integrity"] = "sha512-" + "A" * 86 + "=="
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    (tmp_path / "run_cdk.sh").write_text((ROOT / "run_cdk.sh").read_text("utf-8"))
    (tmp_path / "run_cdk.sh").chmod(0o755)
    (tmp_path / "package.json").write_text((ROOT / "package.json").read_text("utf-8"))
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    result = subprocess.run(
        [str(tmp_path / "run_cdk.sh"), "--version"],
        capture_output=True,
        text=True,
        env=os.environ | {"npm_config_fetch_retries": "0"},
        check=False,
    )
    assert result.returncode != 0
    assert "EINTEGRITY" in result.stderr


def test_nothing_is_left_to_be_asked_of_the_account(synthesised: Path) -> None:
    assert not read(synthesised / "manifest.json").get("missing")


@pytest.fixture
def stand_in(tmp_path: Path) -> str:
    """Return a PATH with a command `aws` that prints the addresses of S3."""
    command = tmp_path / "aws"
    command.write_text("#!/bin/sh\necho pl-7ca54015\n")
    command.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def test_a_deployment_gets_as_far_as_the_account(stand_in: str) -> None:
    result = run(
        "deploy.sh",
        "dev",
        DIGEST,
        PATH=stand_in,
        AWS_REGION="eu-west-2",
        AWS_EC2_METADATA_DISABLED="true",
    )
    said = result.stdout + result.stderr
    assert result.returncode == 1
    assert "Successfully synthesized" in said
    assert "account 111111111111, but no credentials have been configured" in said
    assert "Maximum schema version" not in said


@pytest.mark.parametrize(
    ("arguments", "region", "sentence"),
    [
        (("prod", DIGEST), "eu-west-2", "'prod' is not a stage"),
        (("dev", "latest"), "eu-west-2", "'latest' is not a digest"),
        (("dev", DIGEST + "\nx"), "eu-west-2", "is not a digest"),
        (("dev", DIGEST), "", "AWS_REGION is empty"),
    ],
)
def test_what_is_not_a_deployment_is_refused_in_a_sentence(
    arguments: tuple[str, str], region: str, sentence: str, stand_in: str
) -> None:
    result = run("deploy.sh", *arguments, PATH=stand_in, AWS_REGION=region)
    assert result.returncode == 2
    assert re.search(sentence, result.stderr)
    assert len(result.stderr.splitlines()) <= 2
