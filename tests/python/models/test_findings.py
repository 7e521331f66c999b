"""Findings over three weeks of the bank; in the second the registry forgets an application."""

from __future__ import annotations

from collections import Counter

import pytest

from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text, seeds
from scenarios.episodes import episodes_expected, episodes_published
from scenarios.project import Project, Row, make_project

FORGOTTEN = "blotter"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the weeks; no grant on the forgotten application is delivered in the second."""
    project = make_project(tmp_path_factory.mktemp("findings") / "project", seeds())
    for number, week in WEEKS.items():
        for feed in FEEDS:
            rows = feed_rows(feed, number)
            if feed == "iam_app_registry" and number == 2:
                rows = [row for row in rows if row["application_id"].lower() != FORGOTTEN]
            project.deliver(feed, week, feed_text(rows))
    project.load()
    results = project.build(*WEEKS.values())
    assert [result.problems for result in results] == [[], [], []]
    return project


def findings(project: Project, week: int, brid: str) -> list[Row]:
    """Return a person's findings on the forgotten application in a week."""
    return project.query(
        f"""
        select finding_type, finding_state, opened_date, last_seen_date, closed_date, disposition
        from marts.fct_finding_weeks
        where
            as_of_date = '{WEEKS[week]}' and brid = '{brid}' and application_id = '{FORGOTTEN}'
        """
    )


def test_findings_are_those_that_the_weekly_statuses_tell(project: Project) -> None:
    expected = episodes_expected(project)
    assert episodes_published(project) == expected
    states = Counter(episode.finding_state for episode in expected)
    assert states["open"] > 0 < states["closed"]


def test_excess_of_a_forgotten_application_is_suspended_and_goes_on_when_it_returns(
    project: Project,
) -> None:
    (first,) = findings(project, 1, "5042")
    assert (first["finding_state"], first["opened_date"]) == ("open", WEEKS[1])
    (second,) = findings(project, 2, "5042")
    assert (second["finding_state"], second["last_seen_date"]) == ("suspended", WEEKS[1])
    (third,) = findings(project, 3, "5042")
    assert (third["finding_state"], third["opened_date"]) == ("open", WEEKS[1])
    assert third["last_seen_date"] == WEEKS[3]


def test_the_same_finding_is_open_again_when_its_waiver_ends(project: Project) -> None:
    (finding,) = project.query(
        f"""
        select opened_date, disposition, n_times_waiver_ended, n_times_reopened
        from marts.fct_access_findings where brid = '5044' and application_id = '{FORGOTTEN}'
        """
    )
    assert finding == {
        "opened_date": WEEKS[1],
        "disposition": "open",
        "n_times_waiver_ended": 1,
        "n_times_reopened": 0,
    }


def test_what_the_registry_forgot_opens_nothing(project: Project) -> None:
    opened = project.query(
        f"""
        select * from marts.fct_finding_changes
        where
            as_of_date = '{WEEKS[2]}' and application_id = '{FORGOTTEN}'
            and finding_change <> 'closed'
        """
    )
    assert opened == []
    pairs = project.query(
        f"""
        select distinct reconciliation_status, reconciliation_reason, disposition
        from marts.fct_access_reconciliation
        where
            as_of_date = '{WEEKS[2]}' and application_id = '{FORGOTTEN}'
            and reconciliation_reason = 'lost_since_last_week'
        """
    )
    assert [tuple(row.values()) for row in pairs] == [
        ("missing", "lost_since_last_week", "suspended")
    ]


def test_joiners_and_leavers_follow_from_the_headcounts(project: Project) -> None:
    movements = {
        (row["brid"], row["movement_type"])
        for row in project.query(
            f"select * from marts.fct_movements where as_of_date = '{WEEKS[2]}'"
        )
    }
    # The leaver with access of the bank, and its mover between cost centers.
    assert {("5006", "leaver"), ("5030", "mover")} <= movements
    assert project.query(f"select * from marts.fct_movements where as_of_date = '{WEEKS[1]}'") == []
