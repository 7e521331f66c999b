"""Invent organisations with the difficulties of real ones.

`access`: numeric codes, Zipf titles, managers, role roll-ups as own attributes. `directory`: a line
of managers, written titles with misspellings. `payroll`: two dates, cost centers given to other
units in between, new titles. `small`: 767 people. Each returns the rows of `read_rows`.
"""

from __future__ import annotations

import datetime as dt
import json

import numpy as np

from persona_access.learning.observations import Row

FIRST, LATER = dt.date(2018, 1, 1), dt.date(2021, 1, 4)


def access(n: int = 16_000, seed: int = 1) -> list[Row]:
    """Invent people whose title, or else manager or department, determines the persona."""
    rng = np.random.default_rng(seed)
    n_titles, n_departments, n_managers = 340, 400, 2600
    title = np.minimum(rng.zipf(1.2, n) - 1, n_titles - 1)
    department = np.minimum(rng.zipf(1.25, n) - 1, n_departments - 1)
    rollup = rng.integers(0, 30, n_departments)[department]
    manager = department * 7 + rng.integers(0, 1 + (n_managers // n_departments), n)
    personas = rng.integers(0, 90, n_titles)
    second = rng.integers(0, 90, (n_titles, 30))
    by_manager = rng.integers(0, 90, (n_titles, int(manager.max()) + 1))
    vague = rng.beta(0.35, 2.2, n_titles)
    u = rng.uniform(size=n)
    persona = np.where(
        u > vague[title],
        personas[title],
        np.where(u > vague[title] * 0.45, second[title, rollup], by_manager[title, manager]),
    )
    persona = np.where(rng.uniform(size=n) < 0.015, rng.integers(0, 90, n), persona)
    level = rng.integers(0, 8, n_titles)[title]
    return [
        row_of(
            f"{i}",
            f"l{level[i]}",
            f"{118_000 + department[i] * 13}",
            title=f"{117_000 + title[i] * 37}",
            manager=f"{2000 + manager[i]}",
            persona=f"p{persona[i]}",
            own={"rollup": f"{117_900 + rollup[i]}"},
        )
        for i in range(n)
    ]


_FIELDS = ("Payroll", "Network", "Claims", "Lending", "Treasury", "Facilities", "Legal", "Data")
_ROLES = ("Analyst", "Engineer", "Clerk", "Adviser", "Specialist", "Officer", "Technician")
_RANKS = ("", "Senior ", "Junior ", "Principal ", "Associate ")


def directory(n: int = 6_000, seed: int = 2, *, has_titles: bool = True) -> list[Row]:
    """Invent a directory: teams of eight under managers under managers; titles in free text."""
    rng = np.random.default_rng(seed)
    n_teams = n // 8
    field = rng.integers(0, len(_FIELDS), n_teams)
    field = np.where(rng.uniform(size=n_teams) < 0.8, np.arange(n_teams) // 12 % 8, field)
    rows = []
    for i in range(n):
        team = i // 8 % n_teams
        role = int(rng.integers(0, 3)) + int(field[team]) % 4
        rank = int(rng.choice(5, p=[0.5, 0.2, 0.15, 0.1, 0.05]))
        persona = f"{_FIELDS[field[team]]} {_ROLES[role]}"
        if rng.uniform() < 0.03:
            persona = f"{_FIELDS[field[team]]} General"
        title = f"{_RANKS[rank]}{_FIELDS[field[team]]} {_ROLES[role]}"
        u = rng.uniform()
        if u < 0.05:
            title = title.replace("e", "", 1)
        elif u < 0.15:
            title = f"{title}, {rng.choice(['Region', 'Grade', 'Desk'])} {rng.integers(1, 60)}"
        manager = f"{(team * 8 + 7) if i % 8 != 7 else 8 * (team // 12 * 12) + 7}"
        if i % 8 == 7 and rng.uniform() < 0.8:
            persona = f"{_FIELDS[field[team]]} Lead"
        rows.append(
            row_of(
                f"{i}",
                f"grade {rank}",
                f"{_FIELDS[field[team]][:3].lower()}-{team // 4:04d}",
                title=title.lower() if has_titles else None,
                manager=manager,
                persona=persona,
            )
        )
    return rows


def payroll(n: int = 14_000, seed: int = 3) -> tuple[list[Row], list[Row]]:
    """Invent 2018 and the joiners until 2021, when a tenth of the codes belong to another unit."""
    rng = np.random.default_rng(seed)
    n_units, n_centers = 35, 300
    unit_of = rng.integers(0, n_units, n_centers)
    later_unit_of = np.where(
        rng.uniform(size=n_centers) < 0.1, rng.integers(0, n_units, n_centers), unit_of
    )
    mix = rng.dirichlet(np.full(12, 0.35), n_units)
    jobs = rng.integers(0, 260, (n_units, 12))
    by_level = rng.integers(0, 12, (n_units, 8))
    new_jobs = rng.uniform(size=260) < 0.08
    parts = []
    for units, size, day in ((unit_of, n, FIRST), (later_unit_of, n // 3, LATER)):
        part = []
        center = np.minimum(rng.zipf(1.2, size) - 1, n_centers - 1)
        for i in range(size):
            unit = int(units[center[i]])
            level = int(rng.integers(0, 8))
            place = int(rng.choice(12, p=mix[unit]))
            if rng.uniform() < 0.55:
                place = int(by_level[unit, level])
            job = int(jobs[unit, place])
            persona = f"new {job}" if day == LATER and new_jobs[job] else f"job {job}"
            part.append(
                row_of(
                    f"{day.year}-{i}",
                    f"{level}",
                    f"{1000 + center[i]}",
                    department=f"unit {unit}",
                    worker_type=("full time", "hourly")[job % 5 == 0],
                    persona=persona,
                    hired=day - dt.timedelta(days=int(rng.integers(0, 3000)))
                    if day == FIRST
                    else day,
                    seen=day,
                )
            )
        parts.append(part)
    return parts[0], parts[1]


def small(n: int = 767, seed: int = 4) -> list[Row]:
    """Invent an organisation of a few hundred people."""
    return directory(n, seed)


def row_of(
    brid: str,
    level: str | None,
    center: str | None,
    *,
    persona: str,
    department: str | None = None,
    title: str | None = None,
    worker_type: str | None = None,
    manager: str | None = None,
    hired: dt.date | None = None,
    seen: dt.date = FIRST,
    own: dict[str, str] | None = None,
) -> Row:
    """Return the row of a person whom HR had on one day."""
    texts = (level, center, department, title, worker_type, manager)
    return (brid, *texts, [persona], hired, seen, seen, json.dumps(own) if own else None)
