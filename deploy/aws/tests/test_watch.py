"""The watch's expressions, run as Step Functions runs them."""

from __future__ import annotations

from datetime import UTC, datetime

import jsonata
import pytest

from persona_access_aws.stages import STAGES
from persona_access_aws.watch import LATE, MISSING, RUNS, due_expression

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
