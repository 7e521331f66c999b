"""The installed dbt_expectations, the hub's or ours, behaves as documented.

A small dbt project applies each expectation that this project uses to passing, failing, null and
empty data. A case gives the number of rows (or groups) that the expectation must report.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.exceptions import CompilationError

ROOT = Path(__file__).resolve().parents[3]
BRID_REGEX = "^[A-Z0-9][A-Z0-9._-]*$"

TABLES: dict[str, list[tuple[Any, ...]]] = {
    "good": [("K1", "a", 0), ("K2", "a", 5), ("K3", "b", 10)],
    "bad": [("K1", "a", -1), ("k 2", "a", 5), ("K1", "a", 11)],
    "with_nulls": [("K1", "a", 0), ("K1", None, 5), ("K1", None, None), (None, None, None)],
    "all_null": [(None, None, None), (None, None, None)],
    "empty": [],
}


@dataclass(frozen=True)
class Case:
    """An expectation on a table, and the number of failures that it must report."""

    expectation: str
    name: str
    table: str
    failures: int
    arguments: dict[str, Any]


def regex(name: str, table: str, failures: int, regex: str = BRID_REGEX, **arguments: Any) -> Case:
    arguments |= {"column_name": "brid", "regex": regex}
    return Case("expect_column_values_to_match_regex", name, table, failures, arguments)


def between(name: str, table: str, failures: int, **arguments: Any) -> Case:
    arguments |= {"column_name": "score"}
    return Case("expect_column_values_to_be_between", name, table, failures, arguments)


def unique(name: str, table: str, failures: int, **arguments: Any) -> Case:
    arguments = {"column_list": ["brid", "team"]} | arguments
    return Case("expect_compound_columns_to_be_unique", name, table, failures, arguments)


def equal(name: str, table: str, other: str, failures: int, **arguments: Any) -> Case:
    arguments |= {"compare_model": f"ref('{other}')"}
    return Case("expect_table_row_count_to_equal_other_table", name, table, failures, arguments)


CASES = [
    regex("regex_passes_good_values", "good", 0),
    regex("regex_fails_each_bad_value", "bad", 1),
    regex("regex_passes_nulls", "all_null", 0),
    regex("regex_passes_an_empty_table", "empty", 0),
    regex("regex_matches_a_part_unless_anchored", "bad", 0, regex="[Kk]"),
    regex("regex_takes_flags", "bad", 0, regex="^K", flags="i"),
    regex("regex_looks_at_rows_that_meet_the_condition", "bad", 0, row_condition="score <> 5"),
    between("between_includes_its_bounds", "good", 0, min_value=0, max_value=10),
    between("between_fails_each_value_outside", "bad", 2, min_value=0, max_value=10),
    between(
        "between_excludes_its_bounds_strictly", "good", 2, min_value=0, max_value=10, strictly=True
    ),
    between("between_takes_a_minimum_alone", "bad", 1, min_value=0),
    between("between_takes_a_maximum_alone", "bad", 1, max_value=10),
    between("between_takes_an_expression", "bad", 1, min_value="length(team) - 1"),
    between("between_passes_nulls", "all_null", 0, min_value=0),
    between("between_passes_an_empty_table", "empty", 0, min_value=0),
    between(
        "between_looks_at_rows_that_meet_the_condition",
        "bad",
        0,
        min_value=0,
        row_condition="score > 0",
    ),
    unique("unique_passes_distinct_keys", "good", 0),
    unique("unique_fails_once_for_each_repeated_key", "bad", 1),
    unique("unique_takes_nulls_as_equal", "with_nulls", 1),
    unique(
        "unique_leaves_keys_with_a_null_out", "with_nulls", 0, ignore_row_if="any_value_is_missing"
    ),
    unique("unique_leaves_keys_of_nulls_out", "all_null", 0),
    unique("unique_passes_an_empty_table", "empty", 0),
    unique("unique_looks_at_rows_that_meet_the_condition", "bad", 0, row_condition="score > 0"),
    unique("unique_quotes_columns", "bad", 1, quote_columns=True),
    equal("equal_passes_the_same_number", "good", "bad", 0),
    equal("equal_fails_another_number", "good", "all_null", 1),
    equal("equal_fails_an_empty_table", "empty", "good", 1),
    equal("equal_passes_two_empty_tables", "empty", "empty", 0),
    equal("equal_multiplies_by_the_factor", "with_nulls", "all_null", 0, factor=2),
    equal("equal_compares_each_group", "good", "bad", 2, group_by=["team"]),
    equal("equal_never_pairs_null_groups", "all_null", "all_null", 2, group_by=["team"]),
    equal("equal_finds_no_group_in_empty_tables", "empty", "empty", 0, group_by=["team"]),
    equal(
        "equal_takes_other_columns_to_compare",
        "good",
        "good",
        5,
        group_by=["team"],
        compare_group_by=["brid"],
    ),
    equal("equal_applies_the_condition_to_both", "good", "bad", 0, row_condition="score > 0"),
    equal(
        "equal_takes_another_condition_to_compare",
        "good",
        "bad",
        1,
        row_condition="score > 0",
        compare_row_condition="1 = 1",
    ),
]

REFUSED = [
    between("between_needs_a_bound", "good", 0),
    unique("unique_needs_columns", "good", 0, column_list=[]),
    unique("unique_knows_its_choices", "good", 0, ignore_row_if="never"),
]


def select(rows: list[tuple[Any, ...]]) -> str:
    """Write a table as a query; it has no rows when there are none."""
    names_and_types = (("brid", "varchar"), ("team", "varchar"), ("score", "integer"))

    def query(row: tuple[Any, ...]) -> str:
        literals = ("null" if value is None else f"'{value}'" for value in row)
        columns = zip(literals, names_and_types, strict=True)
        return "select " + ", ".join(f"cast({v} as {t}) as {n}" for v, (n, t) in columns)

    return " union all ".join(map(query, rows)) or query((None, None, None)) + " where 1 = 0"


def build(project: Path, cases: list[Case]) -> dbtRunnerResult:
    """Write a dbt project with the tables and the cases, and build it."""
    (project / "models").mkdir()
    for name, rows in TABLES.items():
        (project / "models" / f"{name}.sql").write_text(select(rows))
    tests: dict[str, list[Any]] = {table: [] for table in TABLES}
    for case in cases:
        test = {"name": case.name, "arguments": case.arguments}
        tests[case.table].append({f"dbt_expectations.{case.expectation}": test})
    models = [{"name": table, "data_tests": tests[table]} for table in TABLES]
    (project / "models" / "models.yml").write_text(yaml.safe_dump({"models": models}))
    for name in ("packages.yml", "package-lock.yml"):
        shutil.copy(ROOT / name, project)
    (project / "dbt_packages").symlink_to(ROOT / "dbt_packages")
    config = {"name": "conformance", "profile": "conformance"}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(config))
    database = {"type": "duckdb", "path": str(project / "conformance.duckdb")}
    profile = {"conformance": {"target": "dev", "outputs": {"dev": database}}}
    (project / "profiles.yml").write_text(yaml.safe_dump(profile))
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    return dbtRunner().invoke(["--quiet", "build", *folders])


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Failures by case of one run over all cases."""
    done = build(tmp_path_factory.mktemp("conformance"), CASES)
    assert isinstance(done.result, RunExecutionResult), done.exception
    return {result.node.name: result.failures or 0 for result in done.result.results}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_expectation_reports_what_is_documented(case: Case, failures: dict[str, int]) -> None:
    assert failures[case.name] == case.failures


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_expectation_refuses_arguments_without_sense(case: Case, tmp_path: Path) -> None:
    assert isinstance(build(tmp_path, [case]).exception, CompilationError)


def test_offline_package_has_just_the_expectations_in_use() -> None:
    offered = {path.stem for path in ROOT.glob("offline_packages/*/macros/expect_*.sql")}
    yamls = [path for folder in ("models", "snapshots") for path in ROOT.glob(f"{folder}/**/*.yml")]
    used = {
        name for path in yamls for name in re.findall(r"dbt_expectations\.(\w+)", path.read_text())
    }
    assert offered == used
    assert offered == {case.expectation for case in CASES}
