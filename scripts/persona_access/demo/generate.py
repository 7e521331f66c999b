"""Write the weekly files of the demo bank and their expected results, with DuckDB."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import duckdb

from persona_access.base.errors import SettingsError
from persona_access.base.sql import statement
from persona_access.demo import bank
from persona_access.demo.cases_access import add_access_cases
from persona_access.demo.cases_people import add_people_cases
from persona_access.demo.cases_personas import add_persona_cases
from persona_access.demo.fixtures import Fixtures, Row
from persona_access.demo.foreign import write_foreign
from persona_access.demo.seeds import DEFAULT_FIRST_WEEK

# In addition to the expected pairs: the planted cause of the findings of each week.
CAUSE_TRUTH = "demo_cause_truth.csv"
FEEDS = ("hr_headcount", "iam_app_registry", "persona_list", "persona_members")

# The applications of unmapped people and of extra grants; each is in a persona.
_HABITS = ("case-manager", "contract-store", "issue-board", "reporting-studio", "ticket-desk")

# Events are spread over at least this number of weeks, so that a week is the same in shorter
# histories.
_MIN_HORIZON = 7

_HR = (
    "brid full_name work_email employment_status worker_type management_level cost_center "
    "cost_center_name department job_title manager_brid location hire_date termination_date"
)
_GRANT = (
    "application_id application_name brid account_id account_status entitlement is_privileged "
    "granted_date expires_date last_used_date application_owner_brid"
)
_MEMBER = "brid persona_id valid_from valid_to"
_TRUTH = (
    "case_name kind brid application_id status reason orphan_detail disposition fact explanation"
)


@dataclass(frozen=True)
class DemoBank:
    """The parameters of a bank. The fixtures and their cases are added to the employees."""

    seed: int = 7
    n_employees: int = 2000
    n_applications: int = 60
    n_personas: int = 25
    n_weeks: int = 8
    first_week: date = DEFAULT_FIRST_WEEK
    applications_per_persona: int = 50

    @property
    def weeks(self) -> list[date]:
        """The extract dates, one for each week."""
        return [self.first_week + timedelta(days=7 * week) for week in range(self.n_weeks)]

    def check(self) -> None:
        """Raise SettingsError if the bank cannot be generated."""
        n_added_personas = self.n_personas - len(bank.PERSONAS)
        n_added_applications = self.n_applications - len(bank.applications())
        if min(self.seed, self.n_employees) < 0 or self.n_weeks < 1:
            raise SettingsError(
                f"Seed number {self.seed}, {self.n_employees} employees, {self.n_weeks} weeks: "
                "give a seed number and employees of 0 or more, and at least one week."
            )
        if n_added_personas < 0 or n_added_applications < 0:
            raise SettingsError(
                f"{self.n_personas} personas and {self.n_applications} applications: give at least "
                f"the {len(bank.PERSONAS)} and {len(bank.applications())} that the rules and the "
                "fixtures of the invented bank need."
            )
        if n_added_personas > 0 and n_added_applications < self.applications_per_persona:
            raise SettingsError(
                f"Personas beyond the {len(bank.PERSONAS)}th hold {self.applications_per_persona} "
                f"applications beyond the {len(bank.applications())}th each, but there are "
                f"{n_added_applications}: give more applications, or fewer for each persona."
            )


@dataclass(frozen=True)
class WrittenFile:
    """One file that was written; n_rows counts lines without the header."""

    feed: str
    path: Path
    n_rows: int
    n_bytes: int


@dataclass(frozen=True)
class DemoResult:
    """The files of all weeks, and the counts of planted cases."""

    feed_files: list[WrittenFile]
    truth_file: Path
    n_truth_rows: int
    n_cases: int


def write_demo(
    demo: DemoBank,
    drop_zone: Path,
    truth_file: Path,
    *,
    compress: bool = False,
    is_foreign: bool = False,
    memory_limit: str = "4GB",
) -> DemoResult:
    """Write the weekly feeds to the drop zone, and the expected results beside it.

    The same bank gives the same bytes. Files get their names only when they are complete; foreign
    files have the names and formats of other systems. Raises SettingsError for a bank that cannot
    be generated.
    """
    demo.check()
    drop_zone.mkdir(parents=True, exist_ok=True)
    truth_file.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".demo-", dir=drop_zone.parent) as folder,
        duckdb.connect(
            config={"memory_limit": memory_limit, "temp_directory": folder}
        ) as connection,
    ):
        fixtures = _prepare(connection, demo)
        feed_files = [
            _write_feed(
                connection,
                demo,
                fixtures,
                feed,
                week,
                Path(folder),
                drop_zone,
                compress=compress,
                is_foreign=is_foreign,
            )
            for week in range(demo.n_weeks)
            for feed in FEEDS
        ]
        truth = Path(folder) / "truth.csv"
        n_truth_rows = _copy(connection, "from truth", truth)
        shutil.move(truth, truth_file)
        causes = Path(folder) / "causes.csv"
        _copy(connection, statement(__package__, "cause_truth"), causes)
        shutil.move(causes, truth_file.with_name(CAUSE_TRUTH))
    n_cases = len({row["case_name"] for row in fixtures.truth})
    return DemoResult(feed_files, truth_file, n_truth_rows, n_cases)


def _prepare(connection: duckdb.DuckDBPyConnection, demo: DemoBank) -> Fixtures:
    """Build everything that does not depend on the week, and return the fixtures."""
    fixtures = Fixtures(demo.first_week)
    add_people_cases(fixtures)
    add_persona_cases(fixtures)
    add_access_cases(fixtures)
    for name, value in (
        ("seed", demo.seed),
        ("first_week", demo.first_week),
        ("n_employees", demo.n_employees),
        ("n_applications", demo.n_applications),
        ("n_personas", demo.n_personas),
        ("n_weeks", demo.n_weeks),
        ("n_core_applications", len(bank.applications())),
        ("n_core_personas", len(bank.PERSONAS)),
        ("applications_per_persona", demo.applications_per_persona),
        ("horizon", max(demo.n_weeks - 1, _MIN_HORIZON)),
        ("baseline", bank.BASELINE),
        ("alias", "TradeCapture"),
        ("head_brid", bank.HEAD_BRID),
        ("habits", list(_HABITS)),
        ("second_personas", list(bank.SECOND_PERSONAS)),
        ("mixed_personas", list(bank.MIXED_PERSONAS)),
        ("titles", list(bank.TITLES)),
        ("locations", list(bank.LOCATIONS)),
    ):
        connection.execute(f"set variable {name} = $value", {"value": value})
    for name, rows in (
        ("core_cells", _numbered("cell_id", bank.cells())),
        ("core_requirements", _numbered("line", bank.requirements())),
        ("core_applications", _numbered("application_no", bank.applications())),
        ("core_personas", bank.personas()),
        ("cast_hr", _complete(fixtures.hr, _HR)),
        ("cast_grants", _complete(fixtures.grants, _GRANT)),
        ("cast_members", _complete(fixtures.members, _MEMBER)),
        ("cast_truth", _complete(fixtures.truth, _TRUTH)),
    ):
        types = {column: _sql_type(value) for column, value in rows[0].items()}
        unnested = "unnest(from_json($rows, $structure), recursive := true)"
        connection.execute(
            f"create table {name} as select {unnested}",
            {"rows": json.dumps(rows), "structure": json.dumps([types])},
        )
    for script in ("organisation", "background", "feeds"):
        connection.execute(files(__package__).joinpath(f"{script}.sql").read_text("utf-8"))
    return fixtures


def _numbered(number_name: str, rows: Sequence[NamedTuple]) -> list[Row]:
    return [{number_name: number, **row._asdict()} for number, row in enumerate(rows, start=1)]


def _complete(rows: list[Row], columns: str) -> list[Row]:
    """Add the missing columns to every row, in the order of the file."""
    names = ("first_week", "last_week", *columns.split())
    return [{name: row.get(name) for name in names} for row in rows]


def _sql_type(value: str | int | None) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return "BIGINT" if isinstance(value, int) else "VARCHAR"


def _write_feed(
    connection: duckdb.DuckDBPyConnection,
    demo: DemoBank,
    fixtures: Fixtures,
    feed: str,
    week: int,
    folder: Path,
    drop_zone: Path,
    *,
    compress: bool,
    is_foreign: bool,
) -> WrittenFile:
    file = folder / f"{feed}_{demo.weeks[week]}.csv"
    n_rows = _copy(connection, f"from {feed}({week})", file)
    broken_lines = [
        f"{broken.line}\n"
        for broken in fixtures.broken_lines
        if broken.feed == feed and broken.span[0] <= week <= broken.span[1]
    ]
    with file.open("a", encoding="utf-8", newline="") as lines:
        lines.writelines(broken_lines)
    if is_foreign:
        file = write_foreign(file, feed, demo.weeks[week], folder)
    elif compress:
        file = _compress(file)
    target = drop_zone / file.name
    n_bytes = file.stat().st_size
    # A rename within one file system, so that the loader never sees half a file.
    file.replace(target)
    return WrittenFile(feed, target, n_rows + len(broken_lines), n_bytes)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> int:
    result = connection.execute(f"copy ({query}) to '{_quoted(file)}' (format csv, header)")
    (n_rows,) = result.fetchall()[0]
    return int(n_rows)


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")


def _compress(file: Path) -> Path:
    compressed = file.with_name(f"{file.name}.gz")
    with (
        file.open("rb") as plain,
        compressed.open("wb") as target,
        # The header has no name or time, so that the same content gives the same bytes.
        gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=6, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)
    file.unlink()
    return compressed
