"""The scripts of the workflows, with stand-ins for the commands that reach GitHub and AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMMIT, DIGEST = "c" * 40, "sha256:" + "d" * 64
OURS, FORK = 1, 2

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


class Place:
    """A folder with stand-ins of commands on the PATH, and the calls that they got."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._commands = folder / "bin"
        self._commands.mkdir()
        self.asked = folder / "asked.txt"
        self.asked.touch()

    def command(self, name: str, script: str) -> None:
        """Put a stand-in on the PATH that records its calls."""
        file = self._commands / name
        file.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> {self.asked}\n{script}\n')
        file.chmod(0o755)

    def run(self, script: str, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run a script; return its exit code and output."""
        done = subprocess.run(
            [str(ROOT / script), *arguments],
            cwd=self.folder,
            env={"PATH": f"{self._commands}:{os.environ['PATH']}"} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def artefact(run: int, created: str, **other: Any) -> dict[str, Any]:
    """Create an artefact in GitHub's format, by default of a run on main."""
    run_of = {"id": run, "head_branch": "main", "head_repository_id": OURS, "repository_id": OURS}
    given = {"created_at": created, "expired": False, "workflow_run": run_of}
    return given | {"workflow_run": run_of | other.pop("workflow_run", {})} | other


NEW = artefact(7, "2026-02-01T00:00:00Z")
OLD = artefact(5, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("artefacts", "fetched"),
    [
        ([OLD, NEW], "7"),
        ([OLD, artefact(8, "2026-03-01T00:00:00Z", expired=True)], "5"),
        ([OLD, artefact(8, "2026-03-01T00:00:00Z", workflow_run={"head_branch": "mine"})], "5"),
        ([OLD, artefact(8, "2026-03-01T00:00:00Z", workflow_run={"head_repository_id": FORK})],
         "5"),
        ([artefact(8, "2026-03-01T00:00:00Z", expired=True)], None),
        ([], None),
    ],
    ids=["newest", "newest_expired", "of_a_branch", "of_a_fork", "all_expired", "first_run"],
)  # fmt: skip
def test_a_pull_request_is_compared_with_the_newest_state_of_main(
    artefacts: list[dict[str, Any]], fetched: str | None, place: Place
) -> None:
    (place.folder / "artefacts.json").write_text(json.dumps({"artifacts": artefacts}))
    place.command(
        "gh", 'case "$1" in api) jq -r "${@: -1}" artefacts.json ;; run) mkdir "$7" ;; esac'
    )
    output = place.folder / "output.txt"
    code, said = place.run(
        "scripts/fetch_state.sh", "state", GITHUB_REPOSITORY="a/b", GITHUB_OUTPUT=str(output)
    )
    assert code == 0, said
    if fetched:
        assert f"gh run download {fetched} --name state" in place.asked.read_text()
        assert output.read_text() == "found=true\n"
    else:
        assert output.read_text() == "found=false\n"
        assert "all models are built" in said


def test_a_state_that_expires_meanwhile_is_ignored(place: Place) -> None:
    place.command("gh", 'case "$1" in api) echo "2026 7" ;; run) exit 1 ;; esac')
    output = place.folder / "output.txt"
    code, _ = place.run(
        "scripts/fetch_state.sh", "state", GITHUB_REPOSITORY="a/b", GITHUB_OUTPUT=str(output)
    )
    assert (code, output.read_text()) == (0, "found=false\n")


@pytest.mark.parametrize(
    ("tried", "built", "commit", "code"),
    [
        (DIGEST, DIGEST, COMMIT, 0),
        ("sha256:" + "e" * 64, DIGEST, COMMIT, 1),
        (DIGEST, "sha256:" + "e" * 64, COMMIT, 1),
        (DIGEST, DIGEST, f"tried-{'d' * 64}", 2),
        (DIGEST, DIGEST, "main", 2),
        (DIGEST, DIGEST, COMMIT[:12], 2),
        (DIGEST, DIGEST, COMMIT.upper(), 2),
        (DIGEST, DIGEST, f"{COMMIT}\nmain", 2),
    ],
)
def test_only_a_tried_digest_of_a_commit_is_promoted(
    tried: str, built: str, commit: str, code: int, place: Place
) -> None:
    place.command("aws", "echo secret")
    place.command(
        "skopeo",
        '[ "$1" != login ] || cat > /dev/null\n'
        'case "$*" in\n'
        f"*:tried-*) echo {tried} ;;\n"
        f"*docker://from/name:*Digest* | *Digest*docker://from/name:*) echo {built} ;;\n"
        "*docker://to/name@*) [ $1 = copy ] || exit 1 ;;\n"
        "esac",
    )
    found, said = place.run(
        "deploy/image/promote.sh", DIGEST=DIGEST, COMMIT=commit, FROM="from/name", TO="to/name"
    )
    assert found == code, said
    assert ("skopeo copy" in place.asked.read_text()) == (code == 0)


def trial(place: Place, *, before: dict[str, str] | None, after: dict[str, str]) -> None:
    """Lay out staging: the manifest of the current release before and after the run."""
    (place.folder / "after.json").write_text(json.dumps(after))
    if before is not None:
        (place.folder / "before.json").write_text(json.dumps(before))
    place.command(
        "aws",
        """
case "$*" in
  *OutputKey*) echo invented ;;
  "s3 cp"*current.json*)
    [ -e before.json ] || [ -e started ] || { echo "An error (404)" >&2; exit 1; }
    echo '{"release": "masked/releases/invented"}' ;;
  "s3 cp"*manifest.json*) if [ -e started ]; then cat after.json; else cat before.json; fi ;;
  *start-execution*) touch started; echo arn ;;
  *describe-execution*) echo SUCCEEDED ;;
esac
""",
    )


WEEK = {"as_of_date": "2026-01-05"}
BEFORE = WEEK | {"commit": "b" * 40, "build_id": "one"}


@pytest.mark.parametrize(
    ("before", "after", "is_tried"),
    [
        (BEFORE, WEEK | {"commit": COMMIT, "build_id": "two"}, True),
        (None, WEEK | {"commit": COMMIT, "build_id": "two"}, True),
        (BEFORE, BEFORE, False),
        (WEEK | {"commit": COMMIT, "build_id": "one"}, WEEK | {"commit": COMMIT, "build_id": "one"},
         False),
        (BEFORE, WEEK | {"commit": "b" * 40, "build_id": "two"}, False),
    ],
    ids=["built_again", "first_week", "nothing_new", "same_commit_nothing_new", "another_image"],
)  # fmt: skip
def test_an_image_counts_as_tried_when_it_built_what_is_in_force(
    before: dict[str, str] | None, after: dict[str, str], is_tried: bool, place: Place
) -> None:
    trial(place, before=before, after=after)
    code, said = place.run(
        "deploy/image/try_week.sh", DIGEST=DIGEST, COMMIT=COMMIT, POLL_SECONDS="0"
    )
    asked = place.asked.read_text()
    assert code == (0 if is_tried else 1), said
    assert ("put-image" in asked) == is_tried
    assert ('--input {"rebuild_from":"2026-01-05"}' in asked) == (before is not None)


def test_an_operator_runs_one_command_and_gets_its_exit_code(place: Place) -> None:
    outputs = [
        {"OutputKey": key, "OutputValue": value}
        for key, value in {
            "Cluster": "c", "Subnets": "s1,s2", "TaskGroup": "g", "OperatorTask": "arn:task",
            "RunLogName": "log",
        }.items()
    ]  # fmt: skip
    (place.folder / "outputs.json").write_text(json.dumps(outputs))
    place.command(
        "aws",
        """
case "$*" in
  *describe-stacks*) cat outputs.json ;;
  *run-task*) echo arn:aws:ecs:task/c/1 ;;
  *lastStatus*) echo STOPPED ;;
  *get-log-events*) echo '["what it said"]' ;;
  *exitCode*) echo 4 ;;
esac
""",
    )
    code, said = place.run(
        "deploy/aws/operate.sh", "production", "run", "--accept", "feed_size:2026-01-05",
        "--because", "two words", POLL_SECONDS="0",
    )  # fmt: skip
    assert (code, said) == (4, "what it said\n")
    asked = place.asked.read_text()
    command = ["run", "--accept", "feed_size:2026-01-05", "--because", "two words"]
    assert json.dumps(command, separators=(",", ":")) in asked
    assert '"subnets":["s1","s2"]' in asked
    assert "operator/step/1" in asked


def test_a_question_about_people_is_passed_by_the_bucket_alone(place: Place) -> None:
    outputs = [
        {"OutputKey": key, "OutputValue": value}
        for key, value in {
            "Cluster": "c", "Subnets": "s1,s2", "TaskGroup": "g", "OperatorTask": "arn:task",
            "RunLogName": "log", "PublishBucket": "published",
        }.items()
    ]  # fmt: skip
    (place.folder / "outputs.json").write_text(json.dumps(outputs))
    place.command(
        "aws",
        """
case "$*" in
  *describe-stacks*) cat outputs.json ;;
  *question.json*) cat > question.json ;;
  *answer.txt*) echo "the answer about 5004" ;;
  *run-task*) echo arn:aws:ecs:task/c/1 ;;
  *lastStatus*) echo STOPPED ;;
  *get-log-events*) echo '["The answer is s3://..."]' ;;
  *exitCode*) echo 0 ;;
esac
""",
    )
    code, said = place.run(
        "deploy/aws/operate.sh", "production", "explain", "5004", "--json", POLL_SECONDS="0"
    )
    assert (code, said.splitlines()[-1]) == (0, "the answer about 5004")
    assert json.loads((place.folder / "question.json").read_text()) == ["explain", "5004", "--json"]
    asked = place.asked.read_text()
    assert "5004" not in asked
    (name,) = set(re.findall(r"s3://published/answers/([0-9a-f-]{36})/", asked))
    assert json.dumps(["answer", name], separators=(",", ":")) in asked


@pytest.mark.parametrize("arguments", [("prod", "run"), ("dev",), ()])
def test_an_operator_who_names_no_stage_or_command_reads_why(
    arguments: tuple[str, ...], place: Place
) -> None:
    code, said = place.run("deploy/aws/operate.sh", *arguments)
    assert (code, len(said.splitlines())) == (2, 1)
