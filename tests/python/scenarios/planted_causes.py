"""An invented bank whose findings come from known causes, and the cause of each finding.

Twenty units of sixty people with a persona each. Most causes are in the files from the first week
on, so that they are settled; people move, an application is added and another falls silent in the
third week, which is the one that is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path

from scenarios.project import Project, Row, make_project, to_csv

WEEKS = (date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 26))
N_UNITS = 20
N_PEOPLE = 60
N_APPLICATIONS = 8
ALL_STAFF = ("mail", "intranet", "time-sheet")

Pair = tuple[str, str]


@dataclass
class PlantedBank:
    """The rows of three weeks, and `truth`: the planted cause of each finding of the third."""

    hr: list[dict[str, Row]] = field(default_factory=lambda: [{}, {}, {}])
    grants: list[set[Pair]] = field(default_factory=lambda: [set(), set(), set()])
    listed: list[dict[Pair, str]] = field(default_factory=lambda: [{}, {}, {}])
    rules: list[Row] = field(default_factory=list)
    truth: dict[Pair, str] = field(default_factory=dict)
    spellings: dict[Pair, str] = field(default_factory=dict)

    def hire(self, brid: str, unit: str, since: int = 0, **more: str) -> None:
        """Employ somebody in a unit from a week on."""
        for week in range(since, 3):
            self.hr[week][brid] = {"brid": brid, "cost_center": unit, **more}

    def grant(self, brid: str, application: str, since: int = 0) -> None:
        """Grant access from a week on."""
        for week in range(since, 3):
            self.grants[week].add((brid, application))

    def revoke(self, brid: str, application: str, since: int = 0) -> None:
        """Take access away from a week on."""
        for week in range(since, 3):
            self.grants[week].discard((brid, application))

    def ask(
        self, persona: str, application: str, requirement: str = "mandatory", since: int = 0
    ) -> None:
        """Put an application into the persona list from a week on."""
        for week in range(since, 3):
            self.listed[week][persona, application] = requirement

    def plant(self, cause: str, *pairs: Pair) -> None:
        """Note the cause of findings."""
        for pair in pairs:
            assert pair not in self.truth, pair
            self.truth[pair] = cause


def people_of(unit: int) -> list[str]:
    """Return the BRIDs of a unit."""
    return [f"{20_000 + unit * 100 + number}" for number in range(N_PEOPLE)]


def application(unit: int, number: int) -> str:
    """Return an application that the persona of the unit asks for."""
    return f"unit{unit}-{'abcdefgh'[number]}"


def plan() -> PlantedBank:
    """Plan the bank: first as it should be, then what is wrong with it."""
    bank = PlantedBank()
    for name in ALL_STAFF:
        bank.ask("all-staff", name)
    bank.hire("9001", "HEAD")
    bank.hire("9002", "HEAD")
    for brid, name in product(("9001", "9002"), ALL_STAFF):
        bank.grant(brid, name)
    for unit in range(N_UNITS):
        bank.rules.append(_rule(f"R-{unit}", f"CC-{unit}", f"persona-{unit}"))
        for number in range(N_APPLICATIONS):
            bank.ask(f"persona-{unit}", application(unit, number))
        for brid in people_of(unit):
            bank.hire(brid, f"CC-{unit}")
            for name in _due(unit):
                bank.grant(brid, name)
    # Known to some persona, so that holding it elsewhere is excess.
    bank.rules.append(_rule("R-HEAD", "HEAD", "head"))
    for name in [f"extra-{n}" for n in range(8)] + [f"odd-{n}" for n in range(3)]:
        bank.ask("head", name, "optional")
    for planted in (
        _leavers, _movers, _spellings, _replaced, _retired, _not_real, _absent, _rule_moved,
        _batches, _orphans, _silent, _outliers, _wrong_rule, _newcomers, _noise,
    ):  # fmt: skip
        planted(bank)
    return bank


def _rule(rule_id: str, cost_center: str, persona: str, **more: str) -> Row:
    return {
        "rule_id": rule_id, "rule_version": "1", "effect": "assign", "management_level": "*",
        "cost_center": cost_center, "persona_id": persona, "valid_from": "2025-01-01",
        "owner": "9002", "author": "9002", "approved_by": "9001", "approved_on": "2024-12-20",
        "rationale": "Invented.", **more,
    }  # fmt: skip


def _due(unit: int) -> list[str]:
    return [*ALL_STAFF, *(application(unit, number) for number in range(N_APPLICATIONS))]


def _leavers(bank: PlantedBank) -> None:
    for unit in range(15):
        brid = people_of(unit)[0]
        bank.hire(
            brid, f"CC-{unit}", 1, employment_status="terminated", termination_date="2026-01-08"
        )
        bank.plant(f"leaver {brid}", *((brid, name) for name in _due(unit)))


def _movers(bank: PlantedBank) -> None:
    for unit in range(8):
        brid, to = people_of(unit)[1], (unit + 1) % 8
        bank.hire(brid, f"CC-{to}", 2)
        for name in _due(to):
            bank.grant(brid, name, 2)
        old = (application(unit, number) for number in range(N_APPLICATIONS))
        bank.plant(f"mover {brid}", *((brid, name) for name in old))


def _rest(unit: int) -> list[str]:
    """People of a unit who neither left nor moved nor came."""
    return people_of(unit)[2:]


def _spellings(bank: PlantedBank) -> None:
    for unit in range(5):
        name = application(unit, 0)
        for brid in _rest(unit)[3:]:
            bank.revoke(brid, name)
            bank.grant(brid, f"{name}-prod")
            bank.plant(f"spelling {name}", (brid, name))


def _replaced(bank: PlantedBank) -> None:
    for unit in range(5, 8):
        name, other = application(unit, 0), f"extra-{unit}"
        for brid in people_of(unit)[2:]:
            bank.revoke(brid, name, 1)
            bank.grant(brid, other, 1)
            bank.plant(f"replaced {name}", (brid, name), (brid, other))


def _retired(bank: PlantedBank) -> None:
    for unit in range(8, 12):
        name = application(unit, 1)
        for person in bank.hr[0]:
            bank.revoke(person, name)
        bank.truth.pop((people_of(unit)[0], name), None)
        bank.plant(f"retired {name}", *((brid, name) for brid in people_of(unit)[1:]))


def _not_real(bank: PlantedBank) -> None:
    for unit in range(6):
        name = application(unit, 2)
        for brid in _rest(unit)[8:]:
            bank.revoke(brid, name)
            bank.plant(f"not real {name}", (brid, name))


def _absent(bank: PlantedBank) -> None:
    for unit in range(12, 17):
        name = f"extra-{unit - 12}"
        for brid in _rest(unit)[:50]:
            bank.grant(brid, name)
            bank.plant(f"absent {name} of {unit}", (brid, name))


def _rule_moved(bank: PlantedBank) -> None:
    # From the third week on another rule gives the unit the persona of another.
    bank.rules[18] = {**bank.rules[18], "valid_to": "2026-01-20"}
    bank.rules.append(_rule("R-18-NEW", "CC-18", "persona-17", valid_from="2026-01-21"))
    for brid in people_of(18)[:30]:
        for number in range(N_APPLICATIONS):
            bank.plant(
                "rule moved", (brid, application(17, number)), (brid, application(18, number))
            )
    for brid in people_of(18)[30:]:
        for week in range(3):
            bank.hr[week].pop(brid)
        for name in _due(18):
            bank.revoke(brid, name)


def _batches(bank: PlantedBank) -> None:
    for unit in range(12, 17):
        name = f"new-{unit}"
        bank.ask(f"persona-{unit}", name, since=2)
        bank.grant("9001", name)
        bank.ask("head", name, "optional")
        for brid in bank.hr[2]:
            row = bank.hr[2][brid]
            if row["cost_center"] == f"CC-{unit}" and "termination_date" not in row:
                bank.plant(f"batch {name}", (brid, name))


def _orphans(bank: PlantedBank) -> None:
    for number, prefix in enumerate(("SVCPAY", "BATCHX", "ADMINQ")):
        for account in range(10, 35):
            brid, name = f"{prefix}{account}", application(19, number)
            bank.grant(brid, name)
            bank.plant(f"orphans {prefix}", (brid, name))


def _silent(bank: PlantedBank) -> None:
    name = application(19, 5)
    for brid in _rest(19)[:20]:
        bank.revoke(brid, name)
        bank.plant(f"silent {name}", (brid, name))
    for brid in bank.hr[0]:
        bank.revoke(brid, name, 2)


def _outliers(bank: PlantedBank) -> None:
    for number in range(3):
        for unit in range(12):
            pair = (_rest(unit)[20 + number], f"odd-{number}")
            bank.grant(*pair)
            bank.plant(f"outlier odd-{number}", pair)


def _wrong_rule(bank: PlantedBank) -> None:
    # People of two units who hold what others of theirs hold, and almost nothing of their persona.
    for number in range(2):
        persona = 10 + number
        rule = f"R-WRONG-{number}"
        bank.rules.append(_rule(rule, f"WRONG-{number}", f"persona-{persona}"))
        for person in range(20):
            brid = f"{30_000 + number * 100 + person}"
            bank.hire(brid, f"WRONG-{number}")
            for name in (*ALL_STAFF, application(persona, 7)):
                bank.grant(brid, name)
            missed = [application(persona, n) for n in range(7) if n != 1]
            bank.plant(f"wrong {rule}", *((brid, name) for name in missed))
            bank.plant(f"retired {application(persona, 1)}", (brid, application(persona, 1)))
            # Those of the second hold all that another persona asks for.
            for n in range(3 if number == 0 else N_APPLICATIONS):
                bank.grant(brid, application(17, n))
                bank.plant(f"wrong {rule}", (brid, application(17, n)))


def _newcomers(bank: PlantedBank) -> None:
    for unit in (9, 14, 17):
        brid = f"{40_000 + unit}"
        bank.hire(brid, f"CC-{unit}", 2)
        names = [*_due(unit), *([f"new-{unit}"] if unit in range(12, 17) else [])]
        gone = {application(n, 1) for n in range(8, 12)}
        bank.plant(f"newcomer {brid}", *((brid, name) for name in names if name not in gone))
        bank.plant(f"retired {application(unit, 1)}", *((brid, n) for n in names if n in gone))


def _noise(bank: PlantedBank) -> None:
    for unit in range(12):
        pair = (_rest(unit)[40], application(unit, 6))
        bank.revoke(*pair)
        bank.plant(f"single {pair}", pair)


def make(root: Path) -> tuple[Project, PlantedBank]:
    """Make the project with the files of three weeks in its drop zone, and the plan behind them."""
    bank = plan()
    project = make_project(root, {"mapping_rules": bank.rules})
    for number, week in enumerate(WEEKS):
        project.deliver("hr_headcount", week, _hr(bank.hr[number]))
        project.deliver(
            "iam_app_registry",
            week,
            to_csv(
                ["brid", "application_id", "application_name"],
                [
                    {"brid": brid, "application_id": name, "application_name": f"Invented {name}"}
                    for brid, name in sorted(bank.grants[number])
                ],
            ),
        )
        project.deliver(
            "persona_list",
            week,
            to_csv(
                ["persona_id", "persona_name", "application_id", "requirement", "is_baseline"],
                [
                    {
                        "persona_id": persona,
                        "persona_name": f"Invented {persona}",
                        "application_id": name,
                        "requirement": requirement,
                        "is_baseline": str(persona == "all-staff").lower(),
                    }
                    for (persona, name), requirement in sorted(bank.listed[number].items())
                ],
            ),
        )
    return project, bank


def _hr(people: dict[str, Row]) -> str:
    columns = [
        "brid", "full_name", "employment_status", "management_level", "cost_center", "hire_date",
        "termination_date",
    ]  # fmt: skip
    rows = [
        {
            "full_name": "Invented",
            "employment_status": "active",
            "management_level": "L1",
            "hire_date": "2020-01-01",
            **row,
        }
        for _, row in sorted(people.items())
    ]
    return to_csv(columns, rows)


def pairwise(found: dict[Pair, str], truth: dict[Pair, str]) -> tuple[float, float]:
    """Return precision and recall of the pairs of findings that share a cause.

    Of both, the findings that both know; every finding without a cause in common is its own.
    """
    known = found.keys() & truth.keys()
    together, of_found, of_truth = 0, 0, 0
    sizes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_truth: dict[str, int] = defaultdict(int)
    for finding in known:
        sizes[found[finding]][truth[finding]] += 1
        by_truth[truth[finding]] += 1
    for parts in sizes.values():
        of_found += _pairs(sum(parts.values()))
        together += sum(map(_pairs, parts.values()))
    of_truth = sum(map(_pairs, by_truth.values()))
    return together / of_found, together / of_truth


def _pairs(number: int) -> int:
    return number * (number - 1) // 2
