"""One figure, one model: every output shows the same figure of a week."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from persona_access.base.dbt import DbtProject
from persona_access.base.warehouse import reading
from persona_access.outputs.evidence.queries import MEMBERS
from persona_access.outputs.release.catalogue import Catalogue, published_marts
from persona_access.outputs.release.export import export_mart
from persona_access.outputs.report.write import write_report
from persona_access.outputs.work_lists import write_work_lists
from persona_access.questions.summary import collect
from persona_access.weeks.metrics import figures_of
from persona_access.weeks.run_record import RunRecord
from report_files import cells, documents
from scenarios.parsed import leave_parse
from scenarios.project import ROOT, Project, make_project

# The fixtures of the demo show their reasons at any size; a larger background shows more.
SIZES = (20, 80, 200)
N_WEEKS = 3
# The figures by the names of rpt_week_figures.
TEN = (
    "n_employees",
    "n_unresolved_employees",
    "n_match",
    "n_missing",
    "n_excess",
    "n_unassessed",
    "n_open",
    "n_overdue",
    "n_suspended",
    "match_rate",
)
Figures = dict[str, Any]
# The same figures by the names of the semantic layer.
METRICS = (
    "employees",
    "employees_without_persona",
    "matches",
    "missing_access",
    "excess_access",
    "unassessed_access",
    "open_access",
    "overdue_findings",
    "suspended_findings",
    "required_access_in_place",
)

# The figures of the newest week, counted directly from the facts.
FACTS = """
select
    (select count(*) from marts.dim_employees where is_employed) as n_employees,
    (select count(*) from marts.dim_employees where unresolved_reason is not null)
        as n_unresolved_employees,
    count(*) filter (reconciliation_status = 'match') as n_match,
    count(*) filter (reconciliation_status = 'missing') as n_missing,
    count(*) filter (reconciliation_status = 'excess') as n_excess,
    count(*) filter (reconciliation_status = 'unassessed') as n_unassessed,
    count(*) filter (disposition = 'open') as n_open,
    (
        select count(*) from marts.fct_finding_weeks where as_of_date = $week and is_overdue
    ) as n_overdue,
    (
        select count(*) from marts.fct_finding_weeks
        where as_of_date = $week and finding_state = 'suspended'
    ) as n_suspended
from marts.fct_access_reconciliation where as_of_date = $week
"""


class Bank:
    """A demo bank that was built, and the marts of its newest week as files."""

    def __init__(self, project: Project, marts: Path) -> None:
        self.project = project
        self.marts = marts
        weeks = project.query("select as_of_date from reporting.rpt_week_figures order by 1")
        self.weeks: list[date] = [row["as_of_date"] for row in weeks]
        self.newest = self.weeks[-1]


def rounded(figures: Figures) -> Figures:
    """Round the rate to the six digits of every consumer."""
    rate = figures.get("match_rate")
    return figures | ({"match_rate": round(float(rate), 6)} if rate is not None else {})


@pytest.fixture(scope="module", params=SIZES)
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Build the weeks of a demo bank of a size, without tests."""
    folder = tmp_path_factory.mktemp(f"bank_{request.param}")
    project = Project(ROOT, folder / "home")
    size = ("--employees", str(request.param), "--weeks", str(N_WEEKS))
    result = project.run("demo", *size)
    assert result.exit_code == 0, result.output
    project.load()
    with (folder / "home" / "demo_truth.csv").open(encoding="utf-8", newline="") as file:
        weeks = sorted({date.fromisoformat(row["as_of_date"]) for row in csv.DictReader(file)})
    project.build_models(*weeks)
    marts = folder / "marts"
    marts.mkdir()
    published = published_marts(DbtProject(project.settings).manifest)
    with reading(project.settings.warehouse) as connection:
        for mart in published.values():
            export_mart(connection, mart, weeks[-1], marts)
    Catalogue(weeks[-1], published).write(marts)
    return Bank(project, marts)


@pytest.fixture
def figures(bank: Bank) -> Figures:
    """Read the ten figures of the newest week."""
    row = bank.project.query(
        f"select {', '.join(TEN)} from reporting.rpt_week_figures "
        f"where as_of_date = date '{bank.newest}'"
    )[0]
    return rounded(row)


def test_the_weeks_show_what_could_differ(bank: Bank, figures: Figures) -> None:
    assert len(bank.weeks) == N_WEEKS
    reasons = {
        row["unresolved_reason"]
        for row in bank.project.query("select unresolved_reason from marts.dim_employees")
    }
    # Somebody has a persona without applications, which assignments alone do not show.
    assert {"persona_without_applications", "no_mapping", "low_confidence"} <= reasons
    (planted,) = bank.project.query(
        "select list(distinct reconciliation_reason) as reasons "
        "from marts.fct_access_reconciliation"
    )
    with (bank.marts.parent / "home" / "demo_truth.csv").open(encoding="utf-8") as file:
        truth = {row["reason"] for row in csv.DictReader(file) if row["status"]}
    assert truth <= set(planted["reasons"])
    assert all(figures[name] for name in TEN if name != "n_suspended")


def test_the_marts_say_the_same(bank: Bank, figures: Figures) -> None:
    with reading(bank.project.settings.warehouse) as connection:
        found = connection.execute(FACTS, {"week": bank.newest})
        names = [column[0] for column in found.description or []]
        facts = dict(zip(names, found.fetchall()[0], strict=True))
    rate = Decimal(facts["n_match"]) / (facts["n_match"] + facts["n_missing"])
    assert rounded(facts | {"match_rate": rate}) == figures
    for mart, group in (
        ("fct_reconciliation_by_application", "n_match, n_missing, n_excess, n_unassessed"),
        ("fct_reconciliation_by_cost_center", ", ".join(TEN[:-1])),
        ("rpt_status_reasons", "n_open"),
    ):
        names = group.split(", ")
        schema = "reporting" if mart.startswith("rpt_") else "marts"
        sums = bank.project.query(
            f"select {', '.join(f'sum({name})::bigint as {name}' for name in names)} "
            f"from {schema}.{mart} where as_of_date = date '{bank.newest}'"
        )[0]
        assert sums == {name: figures[name] for name in names}, mart


def test_summary_says_the_same_of_every_week(bank: Bank) -> None:
    names = dict(
        zip(
            (
                "employees",
                "unresolved",
                "match",
                "missing",
                "excess",
                "unassessed",
                "open_findings",
                "overdue_findings",
                "suspended_findings",
                "required_in_place",
            ),
            TEN,
            strict=True,
        )
    )
    for week in bank.weeks:
        found = collect(bank.project.settings, week)
        *_, last = found["trend"]
        (expected,) = bank.project.query(
            f"select {', '.join(TEN)} from reporting.rpt_week_figures "
            f"where as_of_date = date '{week}'"
        )
        assert rounded({ten: last[name] for name, ten in names.items()}) == rounded(expected)
        assert sum(row["people"] for row in found["unresolved"]) == last["unresolved"]
        by_status: Counter[str] = Counter()
        for row in found["statuses"]:
            by_status[row["status"]] += row["pairs"]
            by_status["open_findings"] += row["open"]
        assert {name: last[name] for name in by_status} == dict(by_status)


def test_the_report_says_the_same(bank: Bank, figures: Figures, tmp_path: Path) -> None:
    write_report(bank.marts, tmp_path / "report")
    (trend,) = documents(tmp_path / "report", "trend/*.js")
    at = cells(trend, "as_of_date").index(str(bank.newest))
    assert rounded({name: cells(trend, name)[at] for name in TEN}) == figures
    people = documents(tmp_path / "report", "people/*.js")
    reasons = [reason for part in people for reason in cells(part, "unresolved_reason")]
    assert sum(reason is not None for reason in reasons) == figures["n_unresolved_employees"]
    findings = documents(tmp_path / "report", "findings/*.js")
    overdue = [flag for part in findings for flag in cells(part, "is_overdue")]
    assert sum(flag is True for flag in overdue) == figures["n_overdue"]


def test_the_workbook_says_the_same(bank: Bank, figures: Figures, tmp_path: Path) -> None:
    hyper = pytest.importorskip("tableauhyperapi", reason="the extra tableau is not installed")
    from persona_access.outputs.release.catalogue import read_catalogue
    from persona_access.outputs.tableau.dashboards import WEEKS
    from persona_access.outputs.tableau.extracts import write_extracts

    write_extracts([WEEKS], read_catalogue(bank.marts), bank.marts, tmp_path)
    quiet = {"log_config": ""}
    telemetry = hyper.Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU
    with (
        hyper.HyperProcess(telemetry, parameters=quiet) as process,
        hyper.Connection(process.endpoint, tmp_path / f"{WEEKS.name}.hyper") as connection,
    ):
        (row,) = connection.execute_list_query(
            f'select {", ".join(TEN)} from "Extract"."Extract" '
            f"where as_of_date = date '{bank.newest}'"
        )
    assert rounded(dict(zip(TEN, row, strict=True))) == figures


def test_work_lists_list_every_finding_that_is_counted(
    bank: Bank, figures: Figures, tmp_path: Path
) -> None:
    write_work_lists(bank.marts, tmp_path)
    with duckdb.connect() as connection:
        listed = connection.sql(
            "select count(distinct finding_id), count(distinct finding_id) filter (is_overdue) "
            f"from '{tmp_path}/open_items.parquet'"
        ).fetchall()
    assert listed == [(figures["n_open"], figures["n_overdue"])]


def test_metrics_say_the_same(bank: Bank, figures: Figures) -> None:
    registry = CollectorRegistry()
    record = RunRecord("id", "2026-01-05T00:00:00Z", "2026-01-05", "1 on a machine", "", {})
    registry.register(figures_of(bank.project.settings, record))
    found = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            name = "_".join([sample.name.removeprefix("persona_access_"), *sample.labels.values()])
            found[name] = sample.value
    names = (
        "employees",
        "unresolved_employees",
        "pairs_match",
        "pairs_missing",
        "pairs_excess",
        "pairs_unassessed",
        "findings_open",
        "findings_overdue",
        "findings_suspended",
        "match_rate",
    )
    assert rounded({ten: found[name] for name, ten in zip(names, TEN, strict=True)}) == figures


BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def metrics_query(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Let MetricFlow write the query of the ten metrics by week, once for every bank."""
    # A separate project: `mf` reads the target folder of the project.
    project = make_project(tmp_path_factory.mktemp("parsed") / "project", {})
    leave_parse(project.root, os.environ)
    subprocess.run([BIN / "dbt", "parse", "--quiet"], cwd=project.root, check=True)
    asked = subprocess.run(
        (
            *(BIN / "mf", "query", "--quiet", "--explain"),
            *("--metrics", ",".join(METRICS), "--group-by", "metric_time__day"),
        ),
        cwd=project.root,
        env=os.environ | {"PERSONA_ACCESS_WAREHOUSE": str(project.settings.warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return asked.stdout


def test_the_semantic_layer_says_the_same_of_every_week(bank: Bank, metrics_query: str) -> None:
    rows = sorted(bank.project.query(metrics_query), key=lambda row: row["metric_time__day"])
    assert [row["metric_time__day"].date() for row in rows] == bank.weeks
    for row in rows:
        found = {ten: row[name] for ten, name in zip(TEN, METRICS, strict=True)}
        (expected,) = bank.project.query(
            f"select {', '.join(TEN)} from reporting.rpt_week_figures "
            f"where as_of_date = date '{row['metric_time__day']:%Y-%m-%d}'"
        )
        assert rounded(found) == rounded(expected)


def test_the_evidence_pack_says_the_same(bank: Bank, figures: Figures) -> None:
    with reading(bank.project.settings.warehouse) as connection:
        answers = {}
        for name in ("results.csv", "population.csv", "findings_open.csv"):
            result = connection.execute(MEMBERS[name], {"week": bank.newest})
            names = [column[0] for column in result.description or []]
            answers[name] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    pairs: Counter[str] = Counter()
    for row in answers["results.csv"]:
        pairs[f"n_{row['reconciliation_status']}"] += row["n_pairs"]
        pairs["n_open"] += row["n_pairs"] if row["disposition"] == "open" else 0
    assert dict(pairs) == {name: figures[name] for name in pairs}
    people: Counter[str] = Counter()
    for row in answers["population.csv"]:
        people[row["attribute"]] += row["n_people"]
    assert people["worker type"] == figures["n_employees"]
    assert people["without a persona because"] == figures["n_unresolved_employees"]
    assert (
        sum(row["finding_state"] == "suspended" for row in answers["findings_open.csv"])
        == figures["n_suspended"]
    )
    assert sum(row["is_overdue"] for row in answers["findings_open.csv"]) == figures["n_overdue"]
