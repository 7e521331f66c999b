"""Which dates are weeks, where feeds come on different days: said by Python and by dbt alike."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from persona_access.base.errors import PersonaAccessError
from persona_access.base.week_build import complete_weeks
from scenarios.bank import WEEKS, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project, make_project

DAYS_BEFORE = {"hr_headcount": 2, "iam_app_registry": 1, "persona_list": 0}


@pytest.fixture(scope="module")
def staggered(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load two deliveries of three feeds, each on a day of its own."""
    project = make_project(tmp_path_factory.mktemp("staggered") / "project", seeds())
    for week in (1, 2):
        for feed, days in DAYS_BEFORE.items():
            day = WEEKS[week] - timedelta(days=days)
            project.deliver(feed, day, feed_text(feed_rows(feed, week)))
    project.load()
    return project


def name_week_feed(project: Project, feed: str) -> None:
    text = (ROOT / "dbt_project.yml").read_text("utf-8")
    assert "  week_feed: null\n" in text
    changed = text.replace("  week_feed: null\n", f"  week_feed: {feed}\n")
    (project.root / "dbt_project.yml").write_text(changed, "utf-8")


def test_every_date_with_all_feeds_of_its_last_days_is_a_week(staggered: Project) -> None:
    shutil.copy(ROOT / "dbt_project.yml", staggered.root)
    before = (timedelta(days=2), timedelta(days=1), timedelta(0))
    assert complete_weeks(staggered.settings) == [WEEKS[1], *(WEEKS[2] - days for days in before)]


@pytest.mark.parametrize(
    ("feed", "weeks"),
    [
        ("persona_list", [WEEKS[1], WEEKS[2]]),
        # Its first date comes before the others' first files.
        ("hr_headcount", [WEEKS[2] - timedelta(days=2)]),
    ],
)
def test_only_dates_of_the_named_feed_are_weeks(
    staggered: Project, feed: str, weeks: list[object]
) -> None:
    name_week_feed(staggered, feed)
    assert complete_weeks(staggered.settings) == weeks


def test_dbt_takes_the_newest_date_of_the_named_feed(staggered: Project, tmp_path: Path) -> None:
    project = staggered.copy(tmp_path / "project")
    name_week_feed(project, "hr_headcount")
    outcome = project._dbt.invoke("seed", "--select", "waivers")
    assert outcome.success, outcome.exception
    (found,) = project.query("select distinct as_of_date from raw.week_extracts")
    assert found["as_of_date"] == WEEKS[2] - timedelta(days=2)


@pytest.mark.parametrize("feed", ["hr_headcuont", "persona_members"])
def test_only_a_required_feed_can_be_named(staggered: Project, feed: str) -> None:
    name_week_feed(staggered, feed)
    with pytest.raises(PersonaAccessError, match=f"week_feed is '{feed}'.*Name a required feed"):
        complete_weeks(staggered.settings)
