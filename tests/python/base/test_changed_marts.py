"""Changing a mart works while its warehouse has weeks (docs/changing_a_mart.md)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from persona_access.base.warehouse import opening
from persona_access.weeks.plan import plan_build
from scenarios.bank import WEEKS, make_bank
from scenarios.project import Project

MART = "fct_movements"
ADDED_SQL = (
    "        cast(coalesce(access_counts.n_match, 0)",
    "        'new' as note,\n        cast(coalesce(access_counts.n_match, 0)",
)
ADDED_YML = (
    "      - name: n_match\n",
    """\
      - name: note
        data_type: string
        description: Invented.
        config: {meta: {privacy: none}}
      - name: n_match
""",
)
CHANGED_SQL = (
    "cast(coalesce(access_counts.n_excess, 0) as {{ dbt.type_int() }})",
    "cast(coalesce(access_counts.n_excess, 0) as {{ dbt.type_bigint() }})",
)
CHANGED_YML = (
    "name: n_excess\n        data_type: integer",
    "name: n_excess\n        data_type: bigint",
)

Change = Callable[..., Project]


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build two of the bank's three weeks with the unchanged models."""
    project = make_bank(tmp_path_factory.mktemp("two_weeks") / "project")
    project.load()
    project.build_models(WEEKS[1])
    assert project.build(WEEKS[2])[0].is_complete
    return project


@pytest.fixture
def change(two_weeks: Project, tmp_path: Path) -> Change:
    """Copy the project with its warehouse and replace texts in the SQL and YAML of the mart."""

    def changed(sql: tuple[str, str], yml: tuple[str, str]) -> Project:
        project = two_weeks.copy(tmp_path / "changed")
        (project.root / "models").unlink()
        shutil.copytree(two_weeks.root / "models", project.root / "models")
        for suffix, (old, new) in (("sql", sql), ("yml", yml)):
            (file,) = project.root.glob(f"models/**/{MART}.{suffix}")
            text = file.read_text(encoding="utf-8")
            assert old in text
            file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return project

    return changed


def dropped(project: Project) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the replacements that remove the last column of the mart."""
    (yml,) = project.root.glob(f"models/**/{MART}.yml")
    text = yml.read_text(encoding="utf-8")
    start = text.index("      - name: n_unassessed\n")
    end = text.find("\nunit_tests:", start)
    column = text[start:end] if end > 0 else text[start:]
    sql = (
        " as n_excess,\n"
        "        cast(coalesce(access_counts.n_unassessed, 0) as {{ dbt.type_int() }})"
        " as n_unassessed\n"
    )
    return (sql, " as n_excess\n"), (column, "")


def weeks_of(project: Project, expression: str) -> list[tuple[object, ...]]:
    """Return an expression over the mart for each of its weeks, in order."""
    rows = project.query(
        f"select as_of_date, {expression} as found from marts.{MART} group by 1 order by 1"
    )
    return [tuple(row.values()) for row in rows]


def migrate(project: Project, **arguments: str) -> str:
    """Run the migration macro; return its error, or ''."""
    return project._dbt.operate("migrate_column", **arguments)


def test_an_added_column_is_null_in_the_weeks_before(change: Change) -> None:
    project = change(ADDED_SQL, ADDED_YML)
    result = project.run("publish")
    assert result.exit_code == 1
    assert f"The mart '{MART}' lacks a column that this version publishes" in result.output

    result = project.run("build")
    assert result.exit_code == 0, result.output
    assert f'Stored columns: "marts"."{MART}" has the new column note' in result.output
    filled = weeks_of(project, "count(note) / count(*)")
    assert filled == [(WEEKS[2], 0), (WEEKS[3], 1)], "nobody moves in the first week"
    result = project.run("publish")
    assert result.exit_code == 0, result.output

    result = project.run("rebuild", "--from", str(WEEKS[2]))
    assert result.exit_code == 0, result.output
    assert weeks_of(project, "count(note) / count(*)")[0] == (WEEKS[2], 1)


def test_an_added_column_that_may_not_be_null_is_refused(change: Change) -> None:
    required = "        constraints:\n          - {type: not_null, warn_unsupported: false}\n"
    yml = (ADDED_YML[0], ADDED_YML[1].replace(ADDED_YML[0], required + ADDED_YML[0]))
    project = change(ADDED_SQL, yml)
    result = project.run("build")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert f"marts.{MART} has a new column note that may not be null" in result.output
    assert "remove its not_null constraint" in result.output


def test_a_changed_type_is_refused_until_someone_converts_it(change: Change) -> None:
    project = change(CHANGED_SQL, CHANGED_YML)
    before = weeks_of(project, "sum(n_excess)")
    result = project.run("build")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert f"marts.{MART}.n_excess is stored as INTEGER, and its model now says BIGINT" in (
        result.output
    )
    assert f"`persona-access rebuild --from {WEEKS[2]}`" in result.output
    assert weeks_of(project, "sum(n_excess)") == before
    assert project.query(
        "select max(as_of_date) as newest from intermediate.int_employee_weeks"
    ) == [{"newest": WEEKS[2]}]
    result = project.run("publish")
    assert result.exit_code == 0, "the week before is as it was"
    assert "Traceback" not in result.output

    assert migrate(project, model=MART, column="n_excess") == ""
    result = project.run("build")
    assert result.exit_code == 0, result.output
    assert weeks_of(project, "sum(n_excess)")[:1] == before
    assert weeks_of(project, "any_value(typeof(n_excess))")[0] == (WEEKS[2], "BIGINT")


def test_a_dropped_column_is_refused_until_every_week_is_built_again(change: Change) -> None:
    project = change(*dropped(Project(Path(__file__).resolve().parents[3])))
    result = project.run("build")
    assert result.exit_code == 1
    assert f"marts.{MART}.n_unassessed is stored (INTEGER), and its model no longer has it" in (
        result.output
    )
    result = project.run("rebuild", "--from", str(WEEKS[3]))
    assert result.exit_code == 1, "the week before still has the column"
    result = project.run("rebuild", "--from", str(WEEKS[2]))
    assert result.exit_code == 0, result.output
    assert len(weeks_of(project, "count(*)")) == 2
    columns = project.query(f"select column_name from (describe marts.{MART})")
    assert {"column_name": "n_unassessed"} not in columns


def test_a_column_is_dropped_or_renamed_by_the_macro(two_weeks: Project, tmp_path: Path) -> None:
    project = two_weeks.copy(tmp_path / "copy")
    with opening(project.settings.warehouse) as connection:
        connection.execute(f"alter table marts.{MART} add column surplus integer")
        connection.execute(f"alter table marts.{MART} rename column n_match to n_agreed")
    assert "has no stored column 'n_match'" in migrate(project, model=MART, column="n_match")
    assert "no stored weekly table" in migrate(project, model="fct_moved", column="n_match")
    assert migrate(project, model=MART, column="surplus") == ""
    assert migrate(project, model=MART, column="n_match", renamed_from="n_agreed") == ""
    assert project.build(WEEKS[3])[0].is_complete


def test_a_constraint_that_the_model_lost_leaves_the_table_and_one_that_it_gained_comes(
    two_weeks: Project, tmp_path: Path
) -> None:
    project = two_weeks.copy(tmp_path / "copy")
    with opening(project.settings.warehouse) as connection:
        connection.execute(f"alter table marts.{MART} alter column cost_center set not null")
        connection.execute(f"alter table marts.{MART} alter column movement_type drop not null")
    project.build_models(WEEKS[3])
    columns = project.query(f'select column_name, "null" as nulls from (describe marts.{MART})')
    nulls = {row["column_name"]: row["nulls"] for row in columns}
    assert (nulls["cost_center"], nulls["movement_type"]) == ("YES", "NO")


@pytest.mark.parametrize(
    ("statement", "sentence", "arguments"),
    [
        (
            "add column gone varchar",
            "snapshots.snap_waivers.gone is stored (VARCHAR), and its model no longer has it",
            {"column": "gone"},
        ),
        (
            "alter column approved_on type varchar",
            "snapshots.snap_waivers.approved_on is stored as VARCHAR, and its model now says DATE",
            {"column": "approved_on", "type": "date"},
        ),
    ],
)
def test_a_snapshot_refuses_what_would_lose_its_periods(
    two_weeks: Project, tmp_path: Path, statement: str, sentence: str, arguments: dict[str, str]
) -> None:
    project = two_weeks.copy(tmp_path / "copy")
    with opening(project.settings.warehouse) as connection:
        connection.execute(f"alter table snapshots.snap_waivers {statement}")
    (result,) = project.build(WEEKS[3])
    assert sentence in " ".join(result.problems)
    assert migrate(project, model="snap_waivers", **arguments) == ""
    assert project.build(WEEKS[3])[0].is_complete


def test_a_snapshot_gains_a_column(two_weeks: Project, tmp_path: Path) -> None:
    project = two_weeks.copy(tmp_path / "copy")
    with opening(project.settings.warehouse) as connection:
        connection.execute("alter table snapshots.snap_waivers drop column rationale")
    (result,) = project.build(WEEKS[3])
    assert result.is_complete, result.problems
    assert [note for note in result.notes if "new column rationale" in note]


def test_a_loaded_week_that_dbt_run_computed_is_finished_by_a_build(
    two_weeks: Project, tmp_path: Path
) -> None:
    project = two_weeks.copy(tmp_path / "computed")
    assert project._dbt.invoke("run").success
    result = project.run("publish")
    assert result.exit_code == 1
    assert f"is of {WEEKS[3]}, but the last complete build was of {WEEKS[2]}" in result.output
    plan = plan_build(project.settings)
    assert (plan.weeks, plan.is_replay, plan.reasons) == ([WEEKS[3]], False, [])
    with opening(project.settings.warehouse) as connection:
        connection.execute(
            "update marts.fct_access_reconciliation set reconciliation_reason = 'forged' "
            f"where as_of_date = '{WEEKS[2]}'"
        )
    plan = plan_build(project.settings)
    assert (plan.weeks, plan.is_replay) == ([WEEKS[2], WEEKS[3]], True)
