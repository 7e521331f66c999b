"""Equal inputs of two weeks need no replay."""

from __future__ import annotations

from datetime import date

import pytest

from persona_access.questions.replay.inputs import Inputs
from persona_access.questions.why_changed.attribution import _steps

BEFORE = {"hr_headcount": "hr_1", "persona_list": "list_1", "iam_app_registry/crm": "crm_1"}
AFTER = {"hr_headcount": "hr_2", "persona_list": "list_2", "iam_app_registry/crm": "crm_2"}
BYTES = {"hr_1": "a", "hr_2": "b", "list_1": "c", "list_2": "c", "crm_1": "d", "crm_2": "d"}


@pytest.mark.parametrize(
    ("contents", "causes"),
    [
        (BYTES, ["time_passed", "hr_changed"]),
        (BYTES | {"crm_2": "e"}, ["time_passed", "hr_changed", "grants_changed"]),
        # A load that is missing in the ledger counts as changed.
        ({}, ["time_passed", "hr_changed", "persona_list_changed", "grants_changed"]),
    ],
)
def test_a_file_with_the_same_rows_needs_no_replay(
    contents: dict[str, str], causes: list[str]
) -> None:
    steps = list(_steps(Inputs({}, BEFORE), Inputs({}, AFTER), date(2026, 3, 2), contents))
    assert [cause for cause, _ in steps] == causes


def test_the_last_step_has_the_files_of_the_later_week() -> None:
    *_, (_, inputs) = _steps(
        Inputs({}, BEFORE), Inputs({}, AFTER), date(2026, 3, 2), BYTES | {"crm_2": "e"}
    )
    assert inputs.files == AFTER
