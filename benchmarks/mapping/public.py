"""Read public data of people and jobs, whose files are not in this repository, from a folder.

`amazon`: train.csv and test.csv of Kaggle's Amazon.com Employee Access Challenge; the persona is
the role family. `baltimore`: Baltimore_City_Employee_Salaries_FY2012.csv; the persona is the job
title. `chicago`: Current_Employee_Names__Salaries__and_Position_Titles.csv of two dates, as
chicago_2018.csv and chicago_2021.csv; it has no hire dates. Salary bands stand in for levels.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from invented import row_of

from persona_access.learning.observations import Row

FIRST, LATER = dt.date(2018, 10, 29), dt.date(2021, 5, 4)
_SEEN = dt.date(2012, 7, 1)
_BAND, _HOURLY_BAND = 8_000, 5
_ROLE = ("MGR_ID", "ROLE_ROLLUP_1", "ROLE_ROLLUP_2", "ROLE_DEPTNAME", "ROLE_TITLE")
_FAMILY = ("ROLE_FAMILY", "ROLE_FAMILY_DESC", "ROLE_CODE")


def amazon(folder: Path) -> list[Row]:
    """Read each distinct role as a person."""
    roles = sorted(
        {
            tuple(line[name] for name in (*_ROLE, *_FAMILY))
            for name in ("train.csv", "test.csv")
            for line in _lines(folder / name)
        }
    )
    return [
        row_of(
            f"{at}", level, center, title=words, manager=manager, persona=family,
            own={"rollup": rollup}, seen=_SEEN,
        )
        for at, (manager, level, rollup, center, _, family, words, _) in enumerate(roles)
    ]  # fmt: skip


def baltimore(folder: Path) -> list[Row]:
    """Read the employees of 2012, without pupils who work in summer."""
    found = {}
    for line in _lines(folder / "Baltimore_City_Employee_Salaries_FY2012.csv"):
        agency = _clean(re.sub(r"\(.*", "", line["Agency"])) or ""
        if "youth summer" in agency or not line["JobTitle"].strip():
            continue
        level, center = _band(line["AnnualSalary"], _BAND), _clean(line["AgencyID"])
        found.setdefault(
            line["Name"],
            row_of(
                _id(line["Name"]), level, center, department=agency.split("-")[0].strip(),
                persona=_clean(line["JobTitle"]) or "", hired=_day(line["HireDate"]), seen=_SEEN,
            ),
        )  # fmt: skip
    return list(found.values())


def chicago(folder: Path) -> tuple[list[Row], list[Row]]:
    """Read the employees of 2018, and those of 2021 who were not there in 2018."""
    before, after = (_of_chicago(folder / f"chicago_{day.year}.csv", day) for day in (FIRST, LATER))
    return list(before.values()), [row for brid, row in after.items() if brid not in before]


def _of_chicago(path: Path, day: dt.date) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for line in _lines(path):
        hourly = _band(line["Hourly Rate"], _HOURLY_BAND)
        level = _band(line["Annual Salary"], _BAND) or (f"hourly {hourly}" if hourly else None)
        row = row_of(
            _id(line["Name"]), level, _clean(line["Department"]),
            worker_type=_clean(f"{line['Salary or Hourly']} {line['Full or Part-Time']}"),
            persona=_clean(line["Job Titles"]) or "", seen=day,
        )  # fmt: skip
        found.setdefault(row[0], row)
    return found


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _id(name: str) -> str:
    return hashlib.sha256((_clean(name) or "").encode()).hexdigest()[:12]


def _clean(text: str) -> str | None:
    return " ".join(text.lower().split()) or None


def _band(amount: str, step: int) -> str | None:
    digits = re.sub(r"[^\d.]", "", amount)
    return f"band {float(digits) // step:.0f}" if digits else None


def _day(text: str) -> dt.date | None:
    try:
        day = dt.datetime.strptime(text.split()[0], "%m/%d/%y").date()  # noqa: DTZ007 - a day
    except (IndexError, ValueError):
        return None
    return day if day <= _SEEN else day.replace(year=day.year - 100)
