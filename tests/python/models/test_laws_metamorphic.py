"""Laws that compare two builds: irrelevant changes have no effect, and additions only add."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text, seeds
from scenarios.project import Project, Row, make_project

WEEK = 3
Change = Callable[[str, list[Row]], list[Row]]
PAIR = ("brid", "application_id")
# What most laws read.
VERDICTS = ("fct_access_reconciliation", "fct_persona_assignments")
VERDICT = (*PAIR, "reconciliation_status", "reconciliation_reason", "disposition", "persona_ids")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make the bank's project without loaded files; each variant has its own files."""
    return make_project(tmp_path_factory.mktemp("laws") / "project", seeds())


@pytest.fixture(scope="module")
def base(bank: Project) -> Project:
    """Build one unchanged week of the bank."""
    return variant(bank, "base", only=())


def variant(
    bank: Project,
    name: str,
    change: Change = lambda _, rows: rows,
    only: Sequence[str] = VERDICTS,
) -> Project:
    """Load one week of the bank, its rows changed feed by feed, and build it without history."""
    project = bank.with_home(bank.root / name)
    for feed in FEEDS:
        rows = change(feed, feed_rows(feed, WEEK))
        project.deliver(feed, WEEKS[WEEK], feed_text(rows))
    project.load()
    project.build_models(WEEKS[WEEK], only=only)
    return project


def contents(project: Project, *without: str) -> dict[str, tuple[int, int]]:
    """Return the number of rows and a hash of the content of every mart, in any order."""
    marts = project.query(
        """
        select table_name as mart, list(column_name order by column_name) as columns
        from information_schema.columns where table_schema = 'marts' group by 1
        """
    )
    hashes = []
    for mart in marts:
        columns = ", ".join(name for name in mart["columns"] if name not in without)
        hashes.append(
            f"select '{mart['mart']}' as mart, count(*) as n, sum(hash({columns})::hugeint) as h "
            f"from marts.{mart['mart']}"
        )
    return {row["mart"]: (row["n"], row["h"]) for row in project.query(" union all ".join(hashes))}


def pairs(project: Project, columns: tuple[str, ...], where: str = "true") -> set[tuple[Any, ...]]:
    """Return these columns of the pairs of the reconciliation."""
    rows = project.query(
        f"select {', '.join(columns)} from marts.fct_access_reconciliation where {where}"
    )
    return {tuple(row.values()) for row in rows}


def test_the_same_inputs_give_the_same_content_of_every_mart(bank: Project, base: Project) -> None:
    again = variant(bank, "again", only=())
    assert len(contents(base)) > 15
    assert sum(n_rows for n_rows, _ in contents(base).values()) > 300
    assert contents(again) == contents(base)


def test_the_order_of_rows_and_approved_spellings_change_nothing(
    bank: Project, base: Project
) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret

    def shuffle_and_respell(feed: str, rows: list[Row]) -> list[Row]:
        for row in rows:
            if feed in {"iam_app_registry", "persona_list"} and row["application_id"] == "ledger":
                row["application_id"] = chance.choice(["ledger", "GL", " gl "])
            elif feed == "iam_app_registry" and row["application_id"] == "GL":
                row["application_id"] = "ledger"
        return chance.sample(rows, len(rows))

    shuffled = variant(bank, "shuffled", shuffle_and_respell, only=())
    # Only columns that refer to a file and its lines may differ.
    places = ("row_number", "file_sha256")
    assert contents(shuffled, *places) == contents(base, *places)
    assert contents(shuffled)["fct_quarantined_rows"] != contents(base)["fct_quarantined_rows"]


def test_duplicated_rows_change_no_verdict(bank: Project, base: Project) -> None:
    doubled = variant(bank, "doubled", lambda _, rows: [*rows, *rows])
    assert pairs(doubled, VERDICT) == pairs(base, VERDICT)
    twice = {(brid, app, 2 * n) for brid, app, n in pairs(base, (*PAIR, "n_grant_rows"))}
    assert pairs(doubled, (*PAIR, "n_grant_rows")) == twice


def test_a_new_grant_never_creates_missing_access(bank: Project, base: Project) -> None:
    def everybody_gets(feed: str, rows: list[Row]) -> list[Row]:
        if feed != "iam_app_registry":
            return rows
        people = {row["brid"] for row in feed_rows("hr_headcount", WEEK)}
        applications = ("badge", "satchel", "vault", "wiki")
        new = [
            {**dict.fromkeys(rows[0], ""), "brid": brid, "application_id": application}
            for brid in sorted(people)
            for application in applications
        ]
        # Another test covers many more rows than last week; here there is no last week.
        return [*rows, *new]

    generous = variant(bank, "generous", everybody_gets)
    missing = "reconciliation_status = 'missing'"
    before, after = pairs(base, PAIR, missing), pairs(generous, PAIR, missing)
    assert after < before
    assert {application for _, application in before - after} == {"badge"}


def test_removing_waivers_changes_no_status(bank: Project, base: Project) -> None:
    bank.write_seed("waivers", [])
    try:
        strict = variant(bank, "strict")
    finally:
        bank.write_seed("waivers", seeds()["waivers"])
    verdict = ("reconciliation_status", "reconciliation_reason", "requirement", "n_grant_rows")
    assert pairs(strict, (*PAIR, *verdict)) == pairs(base, (*PAIR, *verdict))
    waived = "disposition = 'waived'"
    assert len(pairs(base, PAIR, waived)) == 2
    assert pairs(strict, PAIR, waived) == set()


@pytest.mark.parametrize("application", ["satchel", "bowling"])
def test_a_new_application_of_a_persona_creates_no_excess_for_its_members(
    bank: Project, base: Project, application: str
) -> None:
    def extend(feed: str, rows: list[Row]) -> list[Row]:
        if feed != "persona_list":
            return rows
        clerk = next(row for row in rows if row["persona_id"] == "clerk")
        return [*rows, {**clerk, "application_id": application, "requirement": "mandatory"}]

    extended = variant(bank, f"extended_{application}", extend)
    clerks = {
        row["brid"]
        for row in base.query(
            "select brid from marts.fct_persona_assignments where persona_id = 'clerk'"
        )
    }
    excess = "reconciliation_status = 'excess'"
    before = {pair for pair in pairs(base, PAIR, excess) if pair[0] in clerks}
    after = {pair for pair in pairs(extended, PAIR, excess) if pair[0] in clerks}
    assert before
    assert after <= before
    held = pairs(base, PAIR, f"is_granted and application_id = '{application}'")
    matches = pairs(extended, PAIR, "reconciliation_status = 'match'")
    assert {pair for pair in held if pair[0] in clerks} <= matches
