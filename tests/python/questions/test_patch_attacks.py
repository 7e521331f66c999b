"""Names in feeds cannot add changes to a patch, break its rows, or bring a formula into a seed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dangerous_texts import DANGEROUS
from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings, load_settings
from persona_access.questions.accounts import write_candidates
from persona_access.questions.causes.patch import Patch, write_patch
from scenarios.project import ROOT

WEEK = date(2026, 10, 5)
CAUSE: dict[str, Any] = {
    "cause_id": "spelling:a:b",
    "cause_title": "b is a",
    "evidence": "5 of 5",
    "n_findings": 1,
    "n_ending": 1,
    "n_opening": 0,
}
ALIAS = {"alias": "b", "application_id": "a", "valid_from": "2026-10-05", "rationale": "x"}
PATCH = Patch(CAUSE, WEEK, "1001", "application_aliases", [ALIAS])
# Separators that Python takes for line breaks, and git and CSV do not.
SEPARATORS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("application_aliases", "waivers", "mapping_rules"):
        header = (ROOT / "seeds" / f"{name}.csv").read_text("utf-8").partition("\n")[0]
        (seeds / f"{name}.csv").write_text(f"{header}\n", "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return load_settings().model_copy(update={"seeds": seeds})


def applied(settings: Settings, patch: Patch) -> dict[str, str]:
    """Apply a patch with git; return the seeds that it changed."""
    before = {file: file.read_text("utf-8") for file in settings.seeds.glob("*.csv")}
    file = write_patch(settings, patch)
    top = settings.seeds.parent
    subprocess.run(["git", "apply", str(file)], cwd=top, check=True, capture_output=True)
    return {
        file.stem: now
        for file in sorted(settings.seeds.glob("*.csv"))
        if (now := file.read_text("utf-8")) != before[file]
    }


@pytest.mark.parametrize("place", ["cause_id", "cause_title", "evidence"])
def test_a_line_break_in_a_name_adds_no_change_to_a_patch(settings: Settings, place: str) -> None:
    header = (settings.seeds / "waivers.csv").read_text("utf-8")
    forged = (
        f"x\n--- a/seeds/waivers.csv\n+++ b/seeds/waivers.csv\n@@ -1 +1,2 @@\n {header}+1078,all\n"
    )
    patch = replace(PATCH, cause=CAUSE | {place: forged})
    assert list(applied(settings, patch)) == ["application_aliases"]


def test_separators_stay_in_their_rows(settings: Settings) -> None:
    seed = settings.seeds / "application_aliases.csv"
    seed.write_text(seed.read_text("utf-8") + f"c,a,2026-01-01,,,,one{SEPARATORS}two\n", "utf-8")
    before = seed.read_text("utf-8")
    row = ALIAS | {"rationale": f"three{SEPARATORS}four"}
    after = applied(settings, replace(PATCH, rows=[row]))["application_aliases"]
    assert after.startswith(before)
    assert after.removeprefix(before) == f"b,a,2026-10-05,,,,three{SEPARATORS}four\n"


def test_separators_stay_in_the_rule_that_is_corrected(settings: Settings) -> None:
    seed = settings.seeds / "mapping_rules.csv"
    columns = seed.read_text("utf-8").strip().split(",")
    cells = {"rule_id": "R", "rule_version": "1", "valid_from": "2026-01-01"}
    cells |= {"rationale": f"one{SEPARATORS}two"}
    row = ",".join(cells.get(name, "") for name in columns)
    seed.write_text(f"{','.join(columns)}\n{row}\n", "utf-8")
    patch = Patch(CAUSE, WEEK, "1001", "mapping_rules", [{"author": "1001"}], (("R", "1"),))
    after = applied(settings, patch)["mapping_rules"]
    assert after.count("\n") == 3
    assert after.count(f"one{SEPARATORS}two") == 2


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_name_that_is_a_formula_does_not_come_into_a_seed(settings: Settings, text: str) -> None:
    with pytest.raises(PersonaAccessError, match="would be a formula"):
        write_patch(settings, replace(PATCH, rows=[ALIAS | {"alias": text}]))
    assert not (settings.seeds / "proposed").exists()


def test_an_account_that_is_a_formula_is_written_as_text(settings: Settings) -> None:
    candidate = {
        "account_brid": "x1",
        "account_id": "=cmd|'/c calc'!A1",
        "orphan_detail": "never_in_hr",
        "n_applications": 1,
        "brid": "1001",
        "probability": 0.9,
        "agreeing_fields": "name",
        "is_suggested": True,
    }
    found = {"week": WEEK, "n_accounts": 1, "candidates": [candidate]}
    assert ",'=cmd|'/c calc'!A1," in write_candidates(settings, found).read_text("utf-8")
