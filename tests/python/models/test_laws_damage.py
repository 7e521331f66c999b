"""After damage to single rows and cells of any feed, nothing opens, closes or moves.

A bank of some hundred people is built twice: unchanged, and with a thousand damages, each to
another person. In one week the keys of rows stay readable, so that each effect is visible in its
person; in the next week keys and whole rows are damaged, too, and cells that were emptied are still
empty; the last week is undamaged.
DAMAGES_SEED=2 damages others, DAMAGES_EMPLOYEES=150 another bank, DAMAGES=40 fewer cells.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zlib import crc32

import pytest

from persona_access.demo.generate import DemoBank, write_demo
from scenarios.bank import FEEDS, read_rows
from scenarios.project import ROOT, Project, Row, make_project

N_DAMAGES = int(os.environ.get("DAMAGES", "1000"))
N_EMPLOYEES = int(os.environ.get("DAMAGES_EMPLOYEES", "600"))
SEED = int(os.environ.get("DAMAGES_SEED", "20261130"))
# The largest share of one file to damage; the load refuses a file with more bad rows.
AT_ONCE = {"hr_headcount": 0.045, "iam_app_registry": 0.1, "persona_members": 0.04}
# What the laws read, and the marts whose history the next week reads.
READ = (
    *("fct_access_findings", "fct_finding_weeks", "fct_movements", "int_brids"),
    "fct_quarantine_by_week",
)
WHOLE_ROW = "(the row, cut off)"
# Unreadable values by column.
UNKNOWN = ["", "#N/A", "NA", "TBD", "?", "nil", "-"]
# Values that turn an end into no end, or a later one.
NO_END = ["", "9999-12-31", "1601-01-01", "a year later"]
SPOILT = {
    "hr_headcount": {
        "brid": ["", "#REF!", "{}.0", "'{}", "1.00E+05", "N/A", "NA", "TBD"],
        "employment_status": ["???", "NA", ""],
        "worker_type": ["???", ""],
        "management_level": UNKNOWN,
        "cost_center": UNKNOWN,
        "department": UNKNOWN,
        "job_title": UNKNOWN,
        "manager_brid": ["", "#REF!", "{}.0", "NA"],
        "hire_date": ["31/31/2026", "", "0026-01-01", "2062-01-05", "2026-12-31", "a year later"],
        "termination_date": ["soon", "2026-02-30", "99:99", "a year earlier", *NO_END],
        WHOLE_ROW: [""],
    },
    "iam_app_registry": {
        "brid": [
            "",
            "#REF!",
            "{}.0",
            "'{}",
            "1.00E+05",
            "CORP\\{}",
            "NA",
            "{} (svc)",
            "\uff11\uff10{}",
            "\u0661\u0660\u0660\u0661",
        ],
        "application_id": ["", "#N/A", "={}", "'{}", "NA", "TBD"],
        "application_name": [""],
        "account_id": ["", "{}.0"],
        "account_status": ["???", "lo\u00e7ked", ""],
        "entitlement": [""],
        "is_privileged": ["ja", ""],
        "granted_date": [
            "31/31/2026",
            "31/12/2025",
            "",
            "2099-12-31",
            "2062-01-05",
            "a year later",
            "a year earlier",
        ],
        "expires_date": [
            "never say never",
            "31/12/2025",
            "0026-01-01",
            "a year earlier",
            *NO_END,
        ],
        "last_used_date": ["Never", "31/12/2025"],
        "application_owner_brid": ["", "{}.0"],
        WHOLE_ROW: [""],
    },
    "persona_members": {
        "brid": ["", "{}.0", "'{}"],
        "persona_id": ["", "NULL", "TBD"],
        "valid_from": ["31/12/2025", "2062-01-05", "a year later", "a year earlier", ""],
        "valid_to": ["31/12/2025", "a year earlier", *NO_END],
        WHOLE_ROW: [""],
    },
    "persona_list": {
        "persona_id": ["", "N/A"],
        "persona_name": [""],
        "application_id": ["", "={}"],
        "application_name": [""],
        "requirement": ["???"],
        "is_baseline": ["???", ""],
        WHOLE_ROW: [""],
    },
}


SLIPS = {"a year later": 1, "a year earlier": -1}

# Rows that grant nothing in any week, so that damage could bring them into force: their value in a
# column, and their number in a hundred.
OUT_OF_FORCE = {
    "hr_headcount": ({"termination_date": "2026-06-30"}, 4),
    "iam_app_registry": (
        {
            "account_status": "disabled",
            "granted_date": "2027-03-15",
            "expires_date": "2026-06-30",
        },
        9,
    ),
    "persona_members": ({"valid_from": "2027-03-15", "valid_to": "2026-06-30"}, 12),
}

KEYS_BESIDE = {
    "hr_headcount": (),
    "iam_app_registry": ("application_id", "account_id"),
    "persona_members": ("persona_id",),
}
# A reader of such a row cannot see whose it is.
KEYS = {
    "hr_headcount": {"brid", WHOLE_ROW},
    "iam_app_registry": {"brid", WHOLE_ROW},
    "persona_members": {"brid", WHOLE_ROW},
    "persona_list": {"persona_id", "application_id", WHOLE_ROW},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, DemoBank, Path]:
    """Build four weeks of a small demo; a copy of the home is kept before the second."""
    folder = tmp_path_factory.mktemp("damage")
    seeds = {file.stem: read_rows(file) for file in (ROOT / "seeds").glob("*.csv")}
    project = make_project(folder / "project", seeds)
    demo = DemoBank(n_employees=N_EMPLOYEES, n_weeks=4)
    write_demo(demo, folder / "files", folder / "truth.csv")
    for feed in OUT_OF_FORCE:
        for file in (folder / "files").glob(f"{feed}_*.csv"):
            put_out_of_force(file, feed)
    for week in demo.weeks:
        if week == demo.weeks[1]:
            shutil.copytree(project.settings.home, folder / "before")
        deliver(project, folder / "files", week)
        project.load()
        project.build_models(week, only=READ)
    return project, demo, folder


def put_out_of_force(file: Path, feed: str) -> None:
    """Make some rows grant nothing, the same ones in each week."""
    cells, n_in_hundred = OUT_OF_FORCE[feed]
    header, *rows = csv.reader(file.read_text("utf-8").splitlines())
    keys = [header.index(key) for key in ("brid", *KEYS_BESIDE[feed])]
    for row in rows:
        number = crc32("/".join(row[key] for key in keys).encode())
        if row[keys[0]].startswith("100") and number % 100 < n_in_hundred:
            column = sorted(cells)[number // 100 % len(cells)]
            row[header.index(column)] = cells[column]
            if feed == "iam_app_registry":
                row[header.index("last_used_date")] = ""
    with file.open("w", encoding="utf-8", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows([header, *rows])


def deliver(project: Project, files: Path, week: date) -> None:
    """Put the unchanged files of a week into the drop zone."""
    project.settings.drop_zone.mkdir(parents=True, exist_ok=True)
    for file in files.glob(f"*_{week}.csv"):
        shutil.copy(file, project.settings.drop_zone)


def damage(
    file: Path,
    feed: str,
    taken: set[str],
    hit: set[tuple[str, ...]],
    chance: random.Random,
    *,
    hits_keys: bool,
    emptied: dict[tuple[str, ...], str],
) -> Iterator[str]:
    """Damage rows of a delivered file, each of a different person; yields the damages.

    A cell that was emptied a week ago is empty again. Other rows that were damaged then are spared,
    because nothing is known about a row that was unreadable.
    """
    lines = file.read_text("utf-8").splitlines()
    header = lines[0].split(",")
    plain = [n for n, line in enumerate(lines) if n and line.count(",") == len(header) - 1]
    n_left = max(2, int(AT_ONCE.get(feed, 0) * len(lines) * min(1, N_DAMAGES / 1000)))
    columns = [
        column
        for column in sorted(SPOILT[feed])
        if column in (*header, WHOLE_ROW) and (hits_keys or column not in KEYS[feed])
    ]
    for number in plain if hits_keys else ():
        cells = lines[number].split(",")
        column = emptied.get((feed, *cells[:4]), "")
        if column:
            taken.add(cells[0])
            cells[header.index(column)] = ""
            lines[number] = ",".join(cells)
            yield f"{file.name}, line {number + 1}, {column} of {cells[0]} again"
    chosen = chance.sample(plain, len(plain))
    # Half of the damage hits rows that grant nothing, in the cell that causes this.
    idle = {
        number: column
        for column, value in (OUT_OF_FORCE[feed][0].items() if feed in OUT_OF_FORCE else ())
        for number in chosen
        if lines[number].split(",")[header.index(column)] == value
        and (feed, *lines[number].split(",")[:4]) not in hit
    }
    first = chance.sample(list(idle), min(len(idle), n_left // 2))
    for number in [*first, *(n for n in chosen if n not in first)]:
        cells = lines[number].split(",")
        key = cells[header.index("brid" if "brid" in header else "persona_id")]
        column = idle[number] if number in first else chance.choice(columns)
        if not n_left:
            break
        if key in taken or '"' in lines[number] or (feed, *cells[:4]) in hit:
            continue
        row_key = (feed, *cells[:4])
        hit.add(row_key)
        taken.add(key)
        n_left -= 1
        if column == WHOLE_ROW:
            lines[number] = ",".join(cells[:-1])
        else:
            place = header.index(column)
            was = cells[place]
            cells[place] = spoilt(was, chance.choice(SPOILT[feed][column]))
            if number in first and not cells[place]:
                emptied[row_key] = column
            lines[number] = ",".join(cells)
            column = f"{column} '{was}' -> '{cells[place]}'"
        yield f"{file.name}, line {number + 1}, {column} of {key}"
    file.write_text("\n".join(lines) + "\n", "utf-8")


def spoilt(was: str, to: str) -> str:
    """Return a damaged cell."""
    if to not in SLIPS:
        return to.format(was)
    return f"{int(was[:4]) + SLIPS[to]}{was[4:]}" if was else was


FINDING = ("brid", "application_id", "finding_type", "opened_date")


def findings(project: Project) -> dict[tuple[object, ...], Row]:
    """Return every finding by the columns that identify it."""
    rows = project.query("select * from marts.fct_access_findings")
    return {tuple(row[name] for name in FINDING): row for row in rows}


def movements(project: Project) -> set[tuple[str, str]]:
    """Return who joined, left, moved or was rehired in any week."""
    rows = project.query("select brid, movement_type from marts.fct_movements")
    return {(row["brid"], row["movement_type"]) for row in rows}


def broken_laws(
    base: Project, damaged: Project, week: date, reasons: dict[tuple[object, ...], str]
) -> list[str]:
    """Compare two histories of which one was damaged in a week."""
    was, now = findings(base), findings(damaged)
    found = []
    for key, before in was.items():
        if before["opened_date"] >= week:
            continue
        after = now.get(key)
        if after is None:
            found.append(f"{key} is lost")
            continue
        closed = after["closed_date"]
        if closed and not (before["closed_date"] and before["closed_date"] <= closed):
            found.append(f"{key} closed on {closed}, by {after['closing_cause']}")
        is_same_reason = reasons.get(key) == before["reconciliation_reason"]
        if is_same_reason and not before["closed_date"]:
            due = [f["due_date"] - timedelta(f["n_suspended_days"]) for f in (before, after)]
            if due[0] != due[1]:
                found.append(f"{key} is due on {due[1]} instead of {due[0]}")
    known = {key[:3] for key in was}
    people = {row["brid"] for row in base.query("select brid from intermediate.int_brids")}
    found += [
        f"{key} opened, by {row['reconciliation_reason']}"
        for key, row in now.items()
        if key[:3] not in known and key[0] in people
    ]
    found += [f"{brid} is a {movement}" for brid, movement in movements(damaged) - movements(base)]
    return found + [
        f"{row['file_name']}: {row['n_rows_read']} rows read, others accounted for"
        for row in damaged.query(
            """
            select file_name, n_rows_read from raw.load_ledger
            where load_status = 'loaded' and n_rows_read <> n_rows_loaded + n_rows_quarantined
            """
        )
    ]


def test_damage_closes_nothing_and_moves_nobody(
    base: tuple[Project, DemoBank, Path], tmp_path: Path
) -> None:
    project, demo, folder = base
    chance = random.Random(SEED)  # noqa: S311 - no secret
    first = demo.weeks[1]
    home = tmp_path / "home"
    shutil.copytree(folder / "before", home)
    damaged = project.with_home(home)
    done: list[str] = []
    hit: set[tuple[str, ...]] = set()
    emptied: dict[tuple[str, ...], str] = {}
    for at, week in enumerate(demo.weeks[1:]):
        deliver(damaged, folder / "files", week)
        taken: set[str] = set()
        for feed in FEEDS if at < 2 else ():
            file = damaged.settings.drop_zone / f"{feed}_{week}.csv"
            done += damage(file, feed, taken, hit, chance, hits_keys=at == 1, emptied=emptied)
        damaged.run("load")
        damaged.build_models(week, only=READ)
    assert len(done) > N_DAMAGES * 0.9 * min(1, N_EMPLOYEES / 600)
    (loads,) = damaged.query(
        "select count(*) as n from raw.load_ledger where load_status <> 'loaded'"
    )
    assert loads["n"] == 0
    reasons = {
        tuple(row[name] for name in FINDING): row["reconciliation_reason"]
        for row in project.query(
            f"select * from marts.fct_finding_weeks where as_of_date < '{first}' "
            "qualify as_of_date = max(as_of_date) over ()"
        )
    }
    (quarantined,) = damaged.query("select count(*) as n from raw.quarantined_rows")
    assert quarantined["n"] > len(done) / 3
    assert broken_laws(project, damaged, first, reasons) == [], "\n".join(done)
