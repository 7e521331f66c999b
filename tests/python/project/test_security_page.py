"""SECURITY.md names existing tests for every threat."""

from __future__ import annotations

import re

import pytest

from scenarios.project import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| who does what")
]
GUARANTEES = (ROOT / "deploy" / "aws" / "tests" / "guarantees.py").read_text("utf-8")


def test_the_page_has_threats() -> None:
    assert len(ROWS) >= 15


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_defence_is_shown_by_tests_that_exist(row: list[str]) -> None:
    _, defence, shown_by = row
    assert defence
    tests = re.findall(r"`(?:tests/python/\w+/)?(test_\w+\.py)(?:::(\w+))?`", shown_by)
    assert tests or "`deploy/aws`" in shown_by
    for file, name in tests:
        (module,) = (ROOT / "tests" / "python").rglob(file)
        source = module.read_text("utf-8")
        assert f"def {name}(" in source if name else "def test_" in source, shown_by
    for sentence in re.findall(r'"(.+?)"', shown_by):
        assert f'"{sentence.removesuffix(" ...")}' in GUARANTEES, sentence
