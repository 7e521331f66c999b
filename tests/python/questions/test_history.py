"""History: snapshots in business dates, weeks built again and compared, changes explained."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from persona_access.audit import record, record_evidence, record_release
from persona_access.audit.chain import Chain
from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.ledger import Ledger
from persona_access.outputs.release.release import Releases
from persona_access.questions.why_changed import queries
from persona_access.questions.why_changed.inputs import as_known, says_the_same
from persona_access.weeks.verify import hashes
from scenarios.bank import FEEDS, WEEKS, feed_rows, feed_text, seeds
from scenarios.project import ROOT, Project, Row, make_project

GONE_FOR_A_WEEK = "5001"
RULE_GONE_FOR_A_WEEK = "R-AUDITOR"
STANDS = "9999-12-31"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the bank's weeks; the second lacks one person and one rule."""
    project = make_project(tmp_path_factory.mktemp("history") / "project", seeds())
    for number, week in WEEKS.items():
        for feed in FEEDS:
            rows = feed_rows(feed, number)
            if feed == "hr_headcount" and number == 2:
                rows = [row for row in rows if row["brid"] != GONE_FOR_A_WEEK]
            project.deliver(feed, week, feed_text(rows))
        project.load()
        project.write_seed("mapping_rules", rules(is_whole=number != 2))
        project.build_models(week)
    return project


def copied(project: Project, home: Path) -> Project:
    """Copy the loaded and built data, so that changes of this test affect no other."""
    shutil.copytree(project.settings.home, home)
    return project.with_home(home)


@pytest.fixture(scope="module")
def rebuilt(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the last two weeks again with all rules, after another rebuild was killed."""
    project = copied(project, tmp_path_factory.mktemp("rebuilt") / "data")
    killed = project.settings.home / ".warehouse.duckdb.copy" / "warehouse.duckdb.wal"
    killed.parent.mkdir()
    killed.write_bytes(b"what a killed rebuild left")
    result = project.run("rebuild", "--from", str(WEEKS[2]))
    assert result.exit_code == 0, result.output
    return project


@pytest.fixture(scope="module")
def explained(rebuilt: Project) -> Project:
    """Ask why the last two weeks differ; the answer stays in the warehouse."""
    result = rebuilt.run("why-changed", "--from", str(WEEKS[2]), "--to", str(WEEKS[3]))
    assert result.exit_code == 0, result.output
    return rebuilt


def rules(*, is_whole: bool = True) -> list[Row]:
    """Return the rules of the bank, all of them or without one."""
    return [
        row
        for row in seeds()["mapping_rules"]
        if is_whole or row["rule_id"] != RULE_GONE_FOR_A_WEEK
    ]


def periods(project: Project, snapshot: str, where: str) -> list[tuple[str, str]]:
    """Return the period of each row of a snapshot."""
    return [
        (str(row["first_day"]), str(row["last_day"]))
        for row in project.query(
            f"""
            select dbt_valid_from::date as first_day, dbt_valid_to::date as last_day
            from snapshots.{snapshot} where {where} order by 1
            """
        )
    ]


def week_hashes(project: Project, week: date) -> dict[str, ContentHash]:
    """Hash every mart and snapshot of a week."""
    is_newest = week == WEEKS[3]
    return hashes(project._dbt, project.settings.warehouse, week, is_newest=is_newest)


def change(project: Project, statement: str) -> None:
    """Change the warehouse by hand."""
    with duckdb.connect(str(project.settings.warehouse)) as connection:
        connection.execute(statement)


def exclusive_ranges(project: Project) -> str:
    """Run the test of all snapshots' periods; returns dbt's word for the result."""
    test = "assert_snapshots_have_exclusive_ranges"
    outcome = project._dbt.invoke("test", "--select", test, week=WEEKS[3])
    (status,) = [str(result.status) for result in outcome.result if result.node.name == test]
    return status


def test_who_vanishes_and_returns_has_a_gap_in_business_dates(project: Project) -> None:
    first, second, third = (str(week) for week in WEEKS.values())
    with_gap = [(first, second), (third, STANDS)]
    assert periods(project, "snap_headcount", f"brid = '{GONE_FOR_A_WEEK}'") == with_gap
    assert periods(project, "snap_headcount", "brid = '5004'") == [(first, STANDS)]
    held = f"brid = '{GONE_FOR_A_WEEK}' and persona_id = 'clerk'"
    assert periods(project, "snap_persona_assignments", held) == with_gap
    rule = f"rule_id = '{RULE_GONE_FOR_A_WEEK}' and dbt_is_deleted = "
    assert periods(project, "snap_mapping_rules", rule + "'False'") == with_gap
    assert periods(project, "snap_mapping_rules", rule + "'True'") == [(second, third)]


def test_a_week_built_again_forgets_what_it_saw_before(project: Project) -> None:
    before = week_hashes(project, WEEKS[3])
    assert before["snap_headcount"].n_rows > 50
    project.write_seed("mapping_rules", [{**row, "rationale": "Reworded."} for row in rules()])
    try:
        project.build_models(WEEKS[3])
        reworded = periods(project, "snap_mapping_rules", "rationale = 'Reworded.'")
        assert set(reworded) == {(str(WEEKS[3]), STANDS)}
        assert exclusive_ranges(project) == "pass"
    finally:
        project.write_seed("mapping_rules", rules())
    project.build_models(WEEKS[3])
    assert week_hashes(project, WEEKS[3]) == before


def test_overlapping_periods_are_found(project: Project) -> None:
    gap = f"where brid = '{GONE_FOR_A_WEEK}' and dbt_valid_from = '{WEEKS[1]}'"
    change(project, f"update snapshots.snap_headcount set dbt_valid_to = '{STANDS}' {gap}")
    try:
        assert exclusive_ranges(project) == "fail"
    finally:
        change(project, f"update snapshots.snap_headcount set dbt_valid_to = '{WEEKS[2]}' {gap}")


def test_an_older_week_after_a_newer_one_is_refused_and_says_what_to_do(project: Project) -> None:
    before = week_hashes(project, WEEKS[3])
    (result,) = project.build(WEEKS[1])
    assert "`persona-access rebuild --from 2026-01-05`" in result.problems[0]
    assert week_hashes(project, WEEKS[3]) == before


def test_verify_finds_the_one_table_that_was_touched(project: Project) -> None:
    touch = f"""
        update marts.fct_access_reconciliation set is_privileged = not is_privileged
        where brid = '5004' and as_of_date = '{WEEKS[3]}'
    """
    change(project, touch)
    try:
        differs = project.run("verify", "--week", str(WEEKS[3]))
    finally:
        change(project, touch)
    assert differs.exit_code == 1
    assert "differs from what is in fct_access_reconciliation: " in differs.output
    assert "so somebody changed a table" in differs.output


def test_a_build_says_which_decisions_changed_since(project: Project) -> None:
    assert project.run("build").output.startswith("Every loaded week is built")
    project.write_seed("waivers", [])
    try:
        said = project.run("build").output
    finally:
        project.write_seed("waivers", seeds()["waivers"])
    assert f"Decisions changed since {WEEKS[3]} was built (waivers.csv)" in said


def test_a_rebuild_that_fails_changes_nothing(project: Project) -> None:
    before = project.settings.warehouse.read_bytes()
    project.write_seed("mapping_rules", [{**row, "persona_id": "nobody"} for row in rules()])
    try:
        failed = project.run("rebuild", "--from", str(WEEKS[3]))
    finally:
        project.write_seed("mapping_rules", rules())
    assert failed.exit_code == 1
    assert "failed; no later week was built" in failed.output
    assert project.settings.warehouse.read_bytes() == before
    assert sorted(file.name for file in project.settings.home.glob(".warehouse*")) == []


def test_a_rebuild_leaves_what_right_decisions_would_have_left(rebuilt: Project) -> None:
    rule = f"rule_id = '{RULE_GONE_FOR_A_WEEK}'"
    assert periods(rebuilt, "snap_mapping_rules", rule) == [(str(WEEKS[1]), STANDS)]
    with_gap = [(str(WEEKS[1]), str(WEEKS[2])), (str(WEEKS[3]), STANDS)]
    assert periods(rebuilt, "snap_headcount", f"brid = '{GONE_FOR_A_WEEK}'") == with_gap
    builds = rebuilt.query("select count(*) as n from runs.week_inputs where input_name = 'dbt'")
    assert builds[0]["n"] > len(WEEKS)


def test_the_changes_of_two_weeks_have_one_cause_each_and_add_up(explained: Project) -> None:
    (total,) = explained.query(
        f"""
        select count(*) as n
        from (from marts.fct_access_reconciliation where as_of_date = '{WEEKS[2]}') as before
        full join (from marts.fct_access_reconciliation where as_of_date = '{WEEKS[3]}') as after
            using (brid, application_id)
        where before.reconciliation_status is distinct from after.reconciliation_status
        """
    )
    causes = explained.query(
        """
        select cause, count(*) as n, count(distinct (brid, application_id)) as pairs
        from marts.fct_status_changes where change_kind = 'status' group by 1
        """
    )
    assert sum(row["n"] for row in causes) == sum(row["pairs"] for row in causes) == total["n"] > 5
    assert {"hr_changed", "grants_changed"} <= {row["cause"] for row in causes}
    assert "code_changed" not in {row["cause"] for row in causes}


def test_the_questions_of_the_page_are_answered(explained: Project) -> None:
    page = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
    found = re.findall(r"```sql\n(.*?);\n```", page, re.DOTALL)
    answers = [explained.query(question) for question in found]
    assert all(answers), [len(answer) for answer in answers]
    who_had_it, who, which_rule, since_when, from_what, why = answers
    assert "5046" in {row["brid"] for row in who_had_it}
    assert who[0]["cost_center"] == "CC-100"
    by_rule = [row for row in which_rule if row["assignment_method"] == "rule"]
    assert [(row["source_id"], row["approved_by"]) for row in by_rule] == [("R-CLERK v1", "9001")]
    assert "clerk" in {row["persona_id"] for row in since_when}
    assert {"file", "decisions", "code", "run"} == {row["input_kind"] for row in from_what}
    assert sum(row["pairs"] for row in why) > 5


def test_every_build_is_on_record_once_also_that_of_dbt_alone(project: Project) -> None:
    newest = (
        "select arg_max(invocation_id, started_at) as id from runs.week_builds group by as_of_date"
    )
    known = {row["id"] for row in project.query(newest)}
    for _ in range(2):
        assert project.run("build").exit_code == 0
        log = (project.settings.home / "audit" / "log.jsonl").read_text("utf-8")
        entries = [json.loads(line) for line in log.splitlines()]
        builds = [entry["what"] for entry in entries if entry["action"] == "build"]
        on_record = [build["invocation_id"] for build in builds]
        assert len(on_record) == len(set(on_record))
        assert known <= set(on_record)
        assert all(build["decisions"]["mapping_rules"] for build in builds)
    assert any(build.get("is_found_later") for build in builds)


def test_what_is_older_than_the_policy_goes_and_trends_stay(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied(project, tmp_path / "data")
    # Models of this project use fewer earlier weeks.
    too_few = project.run("prune", "--keep-weeks", "1", "--yes")
    assert too_few.exit_code == 1
    assert "The models compare 2 weeks, but only 1 week would be kept" in too_few.output
    monkeypatch.setattr("persona_access.weeks.prune.WEEKS_COMPARED", 1)
    opened_again = reopened(project)
    assert opened_again
    packs = disclose(project)
    kept_before = sorted(project.settings.home.rglob("*"))
    before = project.settings.warehouse.read_bytes()
    shown = project.run("prune", "--keep-weeks", "1")
    assert "Nothing was removed; add --yes" in shown.output
    assert f"PostgreSQL still serves {WEEKS[1]}_2, which is too old" in shown.output
    assert project.settings.warehouse.read_bytes() == before
    assert sorted(project.settings.home.rglob("*")) == kept_before
    assert len(loads(project)) == len(FEEDS) * len(WEEKS)
    with Releases(project.settings.published_masked).alone():
        assert project.run("prune", "--keep-weeks", "1", "--yes").exit_code == 3
    assert project.settings.warehouse.read_bytes() == before
    pruned = project.run("prune", "--keep-weeks", "1", "--yes")
    assert pruned.exit_code == 0, pruned.output
    assert "publish again" in pruned.output

    # Releases that readers see or a rollback needs stay, regardless of age.
    releases = Releases(project.settings.published)
    assert releases.names() == [f"{WEEKS[2]}_1", f"{WEEKS[3]}_1"]
    assert Releases(project.settings.published_masked).names() == [f"{WEEKS[1]}_1"]
    assert [pack.exists() for pack in packs] == [False, False, True]
    gone = list(Chain(project.settings.home / "audit" / "log.jsonl").read())[-1].what["gone"]
    names = [f"published/releases/{WEEKS[1]}_{n}" for n in (1, 2)]
    assert {*names, f"evidence/evidence_{WEEKS[1]}.zip"} <= set(gone)
    verified = project.run("audit", "verify")
    assert verified.exit_code == 0, verified.output

    newest = [{"as_of_date": WEEKS[3]}]
    weeks = "select distinct as_of_date from marts.{} order by 1"
    assert project.query(weeks.format("fct_access_reconciliation")) == newest
    # An earlier episode is kept as long as a week that counts it.
    earlier = project.query(
        f"select distinct brid from marts.fct_finding_weeks where as_of_date < '{WEEKS[3]}'"
    )
    assert {row["brid"] for row in earlier} == {row["brid"] for row in opened_again}
    trend = project.query(weeks.format("fct_reconciliation_by_application"))
    assert [row["as_of_date"] for row in trend] == list(WEEKS.values())
    assert periods(project, "snap_headcount", f"brid = '{GONE_FOR_A_WEEK}'") == [
        (str(WEEKS[3]), STANDS)
    ]
    kept = set(loads(project))
    assert kept == {f"{feed}_{WEEKS[3]}_v1" for feed in FEEDS}
    rows = {file.parents[1].name for file in project.settings.raw.glob("*/*/*/rows.parquet")}
    assert rows == {f"extract_date={WEEKS[3]}", "extract_date=0001-01-01"}
    assert len(list(project.settings.archive.glob("*/*.csv"))) == len(FEEDS)
    assert project.run("build").output.startswith("Every loaded week is built")
    project.build_models(WEEKS[3])
    assert reopened(project) == opened_again


def disclose(project: Project) -> list[Path]:
    """Publish and serve invented releases of all weeks, and write evidence; returns its files."""
    settings = project.settings
    for root, numbers in ((settings.published, (1, 1, 2, 3)), (settings.published_masked, (1,))):
        releases = Releases(root)
        for number in numbers:
            with releases.alone(), releases.new(WEEKS[number], keep=8) as folder:
                (folder / "manifest.json").write_text("{}")
            record_release(settings, releases.current.resolve())
    record(settings, "serve", {"release": f"{WEEKS[1]}_2"})
    packs = [
        f"evidence_{WEEKS[1]}.zip",
        f"evidence_{WEEKS[1]}.zip.sha256",
        f"evidence_{WEEKS[3]}.zip",
    ]
    settings.evidence.mkdir()
    for pack in packs:
        (settings.evidence / pack).write_text("invented")
    record_evidence(settings, settings.evidence / packs[0])
    return [settings.evidence / pack for pack in packs]


def reopened(project: Project) -> list[Row]:
    """Return the findings of the newest week that had been closed before."""
    return project.query(
        f"""
        select brid, application_id, finding_type, n_times_reopened from marts.fct_finding_weeks
        where as_of_date = '{WEEKS[3]}' and n_times_reopened > 0 order by all
        """
    )


def loads(project: Project) -> list[str]:
    """Return the load ids that count in the ledger."""
    return [record.load_id for record in Ledger(project.settings.raw / "load_ledger").all_loaded()]


Verdict = tuple[str, str, str | None] | None
HELD: Verdict = ("match", "mandatory", None)
EXCESS: Verdict = ("excess", "never_expected", "open")
WAIVED: Verdict = ("excess", "never_expected", "waived")
LEAVER: Verdict = ("excess", "leaver", "open")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param([HELD, HELD, EXCESS, EXCESS], ("second", "status"), id="one turn"),
        pytest.param([HELD, EXCESS, HELD, EXCESS], ("third", "status"), id="turns for good"),
        pytest.param([HELD, None, EXCESS, LEAVER], ("second", "status"), id="reason may wander"),
        pytest.param([EXCESS, LEAVER, EXCESS, LEAVER], ("third", "reason"), id="reason alone"),
        pytest.param([EXCESS, EXCESS, EXCESS, WAIVED], ("third", "disposition"), id="waived"),
        pytest.param([None, HELD, HELD, HELD], ("first", "status"), id="appears"),
        pytest.param([HELD, HELD, None, None], ("second", "status"), id="vanishes"),
        pytest.param([HELD, EXCESS, EXCESS, HELD], None, id="back where it was"),
    ],
)
def test_a_change_belongs_to_the_substitution_that_gave_the_final_value(
    path: list[Verdict], expected: tuple[str, str] | None
) -> None:
    with duckdb.connect() as connection:
        for number, verdict in enumerate(path):
            connection.execute(
                f"create table step_{number} (brid varchar, application_id varchar, "
                "reconciliation_status varchar, reconciliation_reason varchar, disposition varchar)"
            )
            if verdict:
                row = ("1", "app", *verdict)
                connection.execute(f"insert into step_{number} values (?, ?, ?, ?, ?)", row)
        connection.execute(queries.changes("step_0", f"step_{len(path) - 1}"))
        dates = {"previous_date": "2026-01-05", "as_of_date": "2026-01-12"}
        connection.execute(queries.attribution(["before", "first", "second", "third"]), dates)
        found = connection.sql("select cause, change_kind from status_changes").fetchall()
    assert found == ([expected] if expected else [])


def test_decisions_are_substituted_by_their_dates() -> None:
    header = "rule_id,persona_id,valid_from,valid_to\n"
    seed = header + "ended,a,,2026-01-08\nstands,b,2026-01-01,\nstarts,c,2026-01-10,\n"
    week, until = date(2026, 1, 5), date(2026, 1, 12)
    known = as_known(seed, week, until)
    assert known == header + "ended,a,,\nstands,b,2026-01-01,\n"
    assert not says_the_same(known, seed, until)
    assert says_the_same(as_known(seed, until, until), seed, until)


def test_a_content_hash_sees_rows_and_not_their_order() -> None:
    with duckdb.connect() as connection:

        def of(query: str, **options: Any) -> ContentHash:
            return content_hash(connection, f"({query})", **options)

        rows = of("values (1, 'a'), (2, null)")
        assert of("values (2, null), (1, 'a')") == rows
        assert of("values (1, 'a'), (2, null), (2, null)") != rows
        assert of("values (1, null), (2, 'a')") != rows
        assert of("values (2, null)") == of("values (1, 'a'), (2, null)", where="col0 = 2")
        assert of("select 1 as a, 2 as b") == of("select 2 as b, 1 as a")
        assert of("select 1 as a, 2 as b", without=["b"]) == of("select 1 as a")
