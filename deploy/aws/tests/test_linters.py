"""cfn-lint and checkov find nothing; cdk-nag ran when the template was synthesised."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_cfn_lint_is_clean(synthesised: Path) -> None:
    result = run("cfn-lint", *map(str, sorted(synthesised.glob("*.template.json"))))
    assert (result.returncode, result.stdout) == (0, "")


def test_checkov_is_clean(synthesised: Path) -> None:
    result = run(
        "checkov", "--framework", "cloudformation", "--skip-download", "--compact", "--quiet",
        "--output", "json", "--directory", str(synthesised),
    )  # fmt: skip
    summary = json.loads(result.stdout)["summary"]
    assert summary["failed"] == 0, result.stdout
    assert summary["passed"] > 200
    assert summary["skipped"] == 1, "a skip needs its reason beside the resource"


def test_every_acknowledged_finding_has_a_reason() -> None:
    from persona_access_aws.acknowledged import _FINDINGS

    assert all(len(reason.split()) >= 5 and reason.endswith((".", ")."))
               for _, _, reason in _FINDINGS)  # fmt: skip


def test_cdk_nag_raises_for_a_finding_that_nobody_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from persona_access_aws import acknowledged
    from persona_access_aws.application import make_app

    monkeypatch.setattr(acknowledged, "_FINDINGS", ())
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        make_app("dev", "sha256:" + "a" * 64, str(tmp_path)).synth()
