"""The watch's expressions, run as Step Functions runs them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import jsonata
import pytest

from persona_access_aws.stages import STAGES
from persona_access_aws.watch import AGE, LAST_KEY, LATE, MISSING, RUNS, due_expression
from persona_access_aws.weekly import BUILD, SOME_REFUSED

STAGE = STAGES["production"]


def watch(now: str, *runs: tuple[str, str]) -> tuple[str, int, int]:
    """Run the watch at a time; returns the due start, and whether it is missing and late."""
    states = {
        "context": {"Execution": {"StartTime": now}},
        "result": {"Executions": [{"StartDate": at, "Status": how} for at, how in runs]},
    }
    known: dict[str, object] = {"states": states}

    def evaluate(text: str) -> object:
        expression = jsonata.Jsonata(text)
        for name, value in known.items():
            expression.assign(name, value)
        return expression.evaluate({})

    known["due"] = due = evaluate(due_expression(STAGE))
    known["runs"] = evaluate(RUNS)
    at = datetime.fromtimestamp(int(str(due).split(".")[0]) / 1000, UTC)
    return f"{at:%a %Y-%m-%d %H:%M}", int(str(evaluate(MISSING))), int(str(evaluate(LATE)))


# 2026-11-23 is a Monday; runs start at six and are due by ten.
THIS_WEEK = "2026-11-23T06:00:03.123Z"
LAST_WEEK = "2026-11-16T06:00:02.000Z"


@pytest.mark.parametrize(
    ("now", "runs", "expected"),
    [
        ("2026-11-23T10:00:01Z", [(THIS_WEEK, "SUCCEEDED")], ("Mon 2026-11-23 06:00", 0, 0)),
        ("2026-11-23T10:00:01Z", [(THIS_WEEK, "RUNNING")], ("Mon 2026-11-23 06:00", 0, 1)),
        ("2026-11-23T10:00:01Z", [(THIS_WEEK, "FAILED")], ("Mon 2026-11-23 06:00", 0, 1)),
        ("2026-11-23T10:00:01Z", [(LAST_WEEK, "SUCCEEDED")], ("Mon 2026-11-23 06:00", 1, 0)),
        ("2026-11-23T10:00:01Z", [], ("Mon 2026-11-23 06:00", 1, 0)),
        ("2026-11-23T09:59:59Z", [(LAST_WEEK, "SUCCEEDED")], ("Mon 2026-11-16 06:00", 0, 0)),
        ("2026-11-29T23:00:00Z", [(LAST_WEEK, "SUCCEEDED")], ("Mon 2026-11-23 06:00", 1, 0)),
        (
            "2026-11-24T10:00:01Z",
            [("2026-11-24T08:00:00Z", "SUCCEEDED"), (THIS_WEEK, "FAILED")],
            ("Mon 2026-11-23 06:00", 0, 0),
        ),
    ],
    ids=[
        "in_time", "still_running", "failed", "missing", "never_ran", "before_the_deadline",
        "missing_all_week", "made_good",
    ],
)  # fmt: skip
def test_the_watch(now: str, runs: list[tuple[str, str]], expected: tuple[str, int, int]) -> None:
    assert watch(now, *runs) == expected


def evaluated(text: str, **states: object) -> object:
    expression = jsonata.Jsonata(text)
    expression.assign("states", states)
    expression.assign("last_anchor", "anchors/")
    return expression.evaluate({})


@pytest.mark.parametrize(
    ("exit_code", "spelling", "goes_on"),
    [(4, ":", True), (4, ": ", True), (1, ":", False), (3, ":", False), (40, ":", False)],
)
def test_only_the_exit_code_of_a_refused_file_goes_on(
    exit_code: int, spelling: str, goes_on: bool
) -> None:
    cause = f'{{"Containers":[{{"ExitCode"{spelling}{exit_code},"Name":"step"}}]}}'
    assert evaluated(SOME_REFUSED, errorOutput={"Cause": cause}) is goes_on


def test_the_exit_code_is_that_of_the_command() -> None:
    errors = (
        Path(__file__).resolve().parents[3] / "scripts/persona_access/base/errors.py"
    ).read_text("utf-8")
    assert "EXIT_SOME_REFUSED = 4" in errors


def test_a_trial_builds_its_week_again() -> None:
    def command(given: dict[str, str]) -> object:
        found = evaluated(BUILD, context={"Execution": {"Input": given}})
        assert isinstance(found, dict)
        return found["ContainerOverrides"][0]["Command"]

    assert command({}) == ["build"]
    assert command({"rebuild_from": "2026-11-23"}) == ["rebuild", "--from", "2026-11-23"]


@pytest.mark.parametrize(
    ("objects", "age", "last"),
    [
        ([("anchors/1", "2026-11-20T00:00:00Z"), ("anchors/2", "2026-11-22T00:00:00Z")], 2.0,
         "anchors/2"),
        ([("anchors/1", "2026-11-20T00:00:00Z")], 4.0, "anchors/1"),
        ([], 20781.0, "anchors/"),
    ],
)  # fmt: skip
def test_ages_are_those_of_the_newest(
    objects: list[tuple[str, str]], age: float, last: str
) -> None:
    contents = [{"Key": key, "LastModified": at} for key, at in objects]
    result = {"Contents": contents} if contents else {}
    context = {"Execution": {"StartTime": "2026-11-24T00:00:00Z"}}
    assert evaluated(AGE, context=context, result=result) == age
    assert evaluated(LAST_KEY, context=context, result=result) == last
