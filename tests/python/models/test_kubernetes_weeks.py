"""Twenty-six real weeks in order: nothing is lost, every law holds, some people checked by hand.

The figures of single people were read from the delivered files; the comments explain how. No seed
has a row here: personas come from memberships and from the baseline persona that every member
holds.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from persona_access.base.content_hash import ContentHash
from persona_access.base.gates import accept
from persona_access.base.week_build import WeekResult, complete_weeks
from persona_access.weeks.verify import hashes
from scenarios.episodes import (
    episodes_expected,
    episodes_published,
    last_expected,
    read_weeks,
)
from scenarios.project import ROOT, Project, Row, make_project, to_csv
from scenarios.statuses import statuses_of

DELIVERIES = ROOT.parent / "shared" / "data" / "kubernetes"
NEWEST = date(2026, 8, 24)
FIRST_WEEKS = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))

pytestmark = pytest.mark.skipif(
    not DELIVERIES.is_dir(), reason=f"the real weeks are not there: {DELIVERIES}"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Load all deliveries without moving them."""
    project = make_project(tmp_path_factory.mktemp("kubernetes") / "project", {})
    project.load("--drop-zone", str(DELIVERIES), "--leave-files")
    return project


@pytest.fixture(scope="module")
def builds(project: Project) -> list[WeekResult]:
    """Build every week in order; two thirds of the people have only the baseline persona."""
    accept(project.settings.accepted_gates, FIRST_WEEKS[0], "unresolved_share", "No rules yet.")
    return project.build(*complete_weeks(project.settings))


@pytest.fixture(scope="module")
def built(project: Project, builds: list[WeekResult]) -> Project:
    """Return the project with every week built."""
    assert len(builds) == 26
    return project


def delivered(feed: str, week: date) -> list[Row]:
    """Read a delivered file without the loader."""
    with gzip.open(
        DELIVERIES / f"{feed}_{week}.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        return list(csv.DictReader(file))


def weeks_of(project: Project, brid: str, first: str, last: str) -> list[tuple[object, ...]]:
    """Return the rows of a person in the fact from week to week."""
    rows = project.query(
        f"""
        select
            cast(as_of_date as varchar), application_id, reconciliation_status,
            reconciliation_reason, disposition, n_grant_rows
        from marts.fct_access_reconciliation
        where brid = '{brid}' and as_of_date between '{first}' and '{last}'
        order by 1, 2
        """
    )
    return [tuple(row.values()) for row in rows]


def test_every_week_succeeds(builds: list[WeekResult]) -> None:
    assert [(result.as_of_date, result.problems) for result in builds if result.problems] == []
    assert [result.as_of_date for result in builds] == sorted(
        date.fromisoformat(file.name.split("_")[-1].removesuffix(".csv.gz"))
        for file in DELIVERIES.glob("hr_headcount_*.csv.gz")
    )


def test_every_row_of_every_file_is_loaded(built: Project) -> None:
    ledger = built.query(
        """
        select file_name, n_rows_read, n_rows_loaded, n_rows_quarantined from raw.load_ledger
        where load_status = 'loaded' order by file_name
        """
    )
    files = sorted(file.name for file in DELIVERIES.glob("*.csv.gz"))
    assert [row["file_name"] for row in ledger] == files
    for row in ledger:
        with gzip.open(DELIVERIES / row["file_name"], "rt", encoding="utf-8", newline="") as file:
            n_rows = sum(1 for _ in csv.reader(file)) - 1
        assert (row["n_rows_read"], row["n_rows_loaded"]) == (n_rows, n_rows), row
    assert len(files) == 104


def test_every_grant_row_of_every_week_is_in_the_fact(built: Project) -> None:
    in_fact = built.query(
        "select as_of_date, sum(n_grant_rows) as n from marts.fct_access_reconciliation group by 1"
    )
    assert len(in_fact) == 26
    for row in in_fact:
        assert row["n"] == len(delivered("iam_app_registry", row["as_of_date"])), row


def test_every_pair_of_every_week_is_what_the_files_say(built: Project) -> None:
    ever_reported: set[str] = set()
    n_pairs = 0
    for week in complete_weeks(built.settings):
        expected = statuses_of(DELIVERIES, week, ever_reported)
        found = {
            (row["brid"], row["application_id"]): (row["status"], row["reason"])
            for row in built.query(
                f"""
                select
                    brid, application_id, reconciliation_status as status,
                    reconciliation_reason as reason
                from marts.fct_access_reconciliation where as_of_date = '{week}'
                """
            )
        }
        assert set(found) == set(expected), week
        different = {
            pair: (found[pair], (status, reason))
            for pair, (status, reason) in expected.items()
            if found[pair][0] != status or reason not in (None, found[pair][1])
        }
        assert different == {}, week
        n_pairs += len(found)
    assert n_pairs > 100_000


def test_a_joiner_is_unassessed_until_the_team_list_names_them(built: Project) -> None:
    # K100692 appears in the headcount of 6 April (hired that day, no cost center) with two
    # memberships, gets a repository a week later, and is in the file of team members, with a cost
    # center, from 20 April: then the repository is due. No persona has org:kubernetes-sigs.
    organisation, sigs = "org:kubernetes", "org:kubernetes-sigs"
    repository = "repo:kubernetes-sigs/dra-driver-nvidia-gpu"
    assert weeks_of(built, "K100692", "2026-03-02", "2026-04-20") == [
        ("2026-04-06", organisation, "match", "mandatory", None, 1),
        ("2026-04-06", sigs, "unassessed", "hr_attribute_missing", None, 1),
        ("2026-04-13", organisation, "match", "mandatory", None, 1),
        ("2026-04-13", sigs, "unassessed", "hr_attribute_missing", None, 1),
        ("2026-04-13", repository, "unassessed", "hr_attribute_missing", None, 1),
        ("2026-04-20", organisation, "match", "mandatory", None, 1),
        ("2026-04-20", sigs, "unassessed", "application_not_modelled", None, 1),
        ("2026-04-20", repository, "match", "mandatory", None, 1),
    ]


def test_a_member_of_several_teams_is_classified_by_their_union(built: Project) -> None:
    # K101924 is in two teams of mcp-lifecycle-operator (admin and write: two grant rows, one pair).
    # On 16 March four repositories appear in IAM, a week before the team lists: two of them are in
    # other teams' lists already (never expected of this person), two in nobody's (not modelled). On
    # 23 March the lists name all four, under two more teams: everything is due.
    operator = "repo:kubernetes-sigs/mcp-lifecycle-operator"
    known = {"repo:kubernetes/cri-api", "repo:kubernetes/cri-client"}
    staged = known | {"repo:kubernetes/cri-streaming", "repo:kubernetes/streaming"}
    verdicts = {
        row[1]: row[2:]
        for row in weeks_of(built, "K101924", "2026-03-16", "2026-03-16")
        if str(row[1]).startswith("repo:")
    }
    never_expected = ("excess", "never_expected", "open", 2)
    not_modelled = ("unassessed", "application_not_modelled", None, 2)
    assert verdicts == {
        operator: ("match", "mandatory", None, 2),
        **dict.fromkeys(known, never_expected),
        **dict.fromkeys(staged - known, not_modelled),
    }
    a_week_later = weeks_of(built, "K101924", "2026-03-23", "2026-03-23")
    assert [row[2:] for row in a_week_later if row[1] in staged] == [
        ("match", "mandatory", None, 2)
    ] * 4
    (asked,) = built.query(
        f"""
        select persona_ids from marts.fct_access_reconciliation
        where brid = 'K101924' and as_of_date = '2026-03-16' and application_id = '{operator}'
        """
    )
    teams = [f"kubernetes-sigs/mcp-lifecycle-operator-{role}" for role in ("admins", "maintainers")]
    assert asked["persona_ids"] == " | ".join(teams)


def test_access_that_goes_before_its_teams_is_missing_for_a_week(built: Project) -> None:
    # K100273 loses two repositories on 4 May, while the member list, a week behind, still names
    # four teams; on 11 May teams and cost center are gone too, and nothing is due any more.
    lost = ("missing", "lost_since_last_week", "in_sla", 0)
    assert [
        row[2:]
        for row in weeks_of(built, "K100273", "2026-05-04", "2026-05-04")
        if row[1] in {"repo:kubernetes-sigs/ingate", "repo:kubernetes/ingress-nginx"}
    ] == [lost, lost]
    assert weeks_of(built, "K100273", "2026-05-11", "2026-05-11") == [
        ("2026-05-11", "org:kubernetes", "match", "mandatory", None, 1),
        ("2026-05-11", "org:kubernetes-sigs", "unassessed", "hr_attribute_missing", None, 1),
    ]


def test_the_only_leaver_expects_nothing(built: Project) -> None:
    # K100680 left in January and stands in the headcount until 9 March, as terminated. IAM has no
    # row for them in any week.
    leavers = {
        row["brid"]
        for week in (date(2026, 3, 2), date(2026, 3, 9), NEWEST)
        for row in delivered("hr_headcount", week)
        if row["employment_status"] == "terminated"
    }
    assert leavers == {"K100680"}
    assert weeks_of(built, "K100680", "2026-03-02", "2026-08-24") == []


def test_late_doubled_and_restated_deliveries_end_as_if_in_order(
    built: Project, tmp_path: Path
) -> None:
    # The first weeks again: the second comes after the third, the third first with the second's
    # files under its name, the first twice.
    first, second, third = FIRST_WEEKS
    other = built.with_home(tmp_path)
    put(other, first)
    put(other, second, under=third)
    other.load()
    other.build_models(first, third)
    was = all_hashes(other)
    for week in FIRST_WEEKS:
        put(other, week)
    loaded = other.run("load", "--allow-restatement")
    assert loaded.exit_code == 0, loaded.output
    assert "8 files loaded" in loaded.output
    assert "4 unchanged" in loaded.output
    # Most contributors have no persona, at which a first complete build stops.
    accepted = (f"unresolved_share:{second}", "--because", "most contributors have no persona")
    said = other.run("build", "--accept", *accepted)
    assert said.exit_code == 0, said.output
    assert f"{second} is not built, but later weeks are: its files came late." in said.output
    assert f"{third} was built before hr_headcount_{third}_v2, " in said.output
    assert f"The 2 weeks from {second} to {third} are built again" in said.output
    in_order = all_hashes(built)
    assert all_hashes(other) == in_order
    assert was[third]["fct_access_reconciliation"] != in_order[third]["fct_access_reconciliation"]
    assert other.run("build").output.startswith("Every loaded week is built")


def put(project: Project, week: date, under: date | None = None) -> None:
    """Put the files of a week into the drop zone, under another date if one is given."""
    project.settings.drop_zone.mkdir(parents=True, exist_ok=True)
    for file in DELIVERIES.glob(f"*_{week}.csv.gz"):
        name = file.name.replace(str(week), str(under or week))
        shutil.copy(file, project.settings.drop_zone / name)


def all_hashes(project: Project) -> dict[date, dict[str, ContentHash]]:
    """Hash the rows of every mart and snapshot in each of the first weeks."""
    warehouse = project.settings.warehouse
    found = {week: hashes(project._dbt, warehouse, week, is_newest=False) for week in FIRST_WEEKS}
    for of_week in found.values():
        # It contains the version of the registry's file, which differs for a restated file.
        del of_week["fct_review_lists"]
    return found


def test_a_leaver_with_live_access_is_excess_on_all_of_it(built: Project, tmp_path: Path) -> None:
    # In these files nobody leaves while the access lives on, so one row of the newest headcount is
    # changed: K100692 left on 20 August, four days before. IAM still has their three applications.
    home = tmp_path / "data"
    shutil.copytree(built.settings.home, home)
    other = built.with_home(home)
    rows = delivered("hr_headcount", NEWEST)
    (leaver,) = [row for row in rows if row["brid"] == "K100692"]
    leaver |= {"employment_status": "terminated", "termination_date": "2026-08-20"}
    other.deliver("hr_headcount", NEWEST, to_csv(list(rows[0]), rows))
    other.load()
    (result,) = other.build(NEWEST)
    assert result.problems == []
    assert weeks_of(other, "K100692", "2026-08-24", "2026-08-24") == [
        ("2026-08-24", application, "excess", "leaver", "open", 1)
        for application in (
            "org:kubernetes",
            "org:kubernetes-sigs",
            "repo:kubernetes-sigs/dra-driver-nvidia-gpu",
        )
    ]
    (days,) = other.query(
        """
        select distinct days_since_end from marts.fct_access_reconciliation
        where brid = 'K100692' and as_of_date = '2026-08-24'
        """
    )
    assert days["days_since_end"] == 4


def test_findings_are_those_that_the_weekly_statuses_tell(built: Project) -> None:
    expected = episodes_expected(built)
    assert episodes_published(built) == expected
    states = Counter(episode.finding_state for episode in expected)
    assert states.keys() == {"open", "suspended", "closed"}, states


def test_nothing_that_was_ever_expected_is_called_never_expected(built: Project) -> None:
    weeks = read_weeks(built)
    expected = last_expected(weeks)
    reasons: Counter[str] = Counter()
    for week in weeks:
        for (brid, application_id), row in week.pairs.items():
            when = expected.get((week.as_of_date, brid, application_id))
            # While an emptied cell keeps a person in doubt, nothing counts as lost yet.
            is_in_doubt = row["reconciliation_reason"] == "hr_attribute_missing"
            if not row["is_expected"] and not (is_in_doubt and row["last_expected_date"] is None):
                assert row["last_expected_date"] == when, (week.as_of_date, brid, application_id)
            reasons[row["reconciliation_reason"]] += 1
            if row["reconciliation_reason"] == "never_expected":
                assert when is None, (week.as_of_date, brid, application_id)
            if row["reconciliation_reason"] in ("former_persona", "requirement_withdrawn"):
                assert when is not None, (week.as_of_date, brid, application_id)
    assert reasons["former_persona"] > 0 < reasons["never_expected"], reasons


def test_no_finding_is_due_before_it_opened_or_overdue_as_it_opens(built: Project) -> None:
    assert (
        built.query(
            """
            select * from marts.fct_finding_weeks
            where
                due_date < opened_date
                or (is_overdue and opened_date = as_of_date)
                or (is_overdue and finding_state <> 'open')
                or (finding_state = 'suspended') <> (suspended_reason is not null)
            """
        )
        == []
    )


def test_every_change_of_a_finding_has_a_cause_that_the_files_show(built: Project) -> None:
    causes = Counter(
        row["change_cause"] for row in built.query("select * from marts.fct_finding_changes")
    )
    assert causes["other"] == 0
    assert set(causes) >= {"history_began", "grant_changed", "hr_changed", "persona_changed"}


def test_the_trend_sums_up_to_the_findings(built: Project) -> None:
    (row,) = built.query(
        """
        select
            (select sum(n_opened) from marts.fct_reconciliation_by_week) as n_opened,
            (select sum(n_closed) from marts.fct_reconciliation_by_week) as n_closed,
            (select sum(n_opened) from marts.fct_reconciliation_by_application) as n_opened_by_app,
            (select sum(n_closed) from marts.fct_reconciliation_by_cost_center) as n_closed_by_cc,
            (select count(*) from marts.fct_access_findings) as n_findings,
            (select count(*) from marts.fct_access_findings where closed_date is not null) as n_gone
        """
    )
    assert row["n_opened"] == row["n_opened_by_app"] == row["n_findings"]
    assert row["n_closed"] == row["n_closed_by_cc"] == row["n_gone"] > 0
