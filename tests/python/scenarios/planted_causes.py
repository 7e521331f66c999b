"""An invented bank whose findings have known causes.

The bank has as many units as `Shape` declares, each with its people and one persona. Most causes
are in the files from the first week on, so they are not new in the tested week, the third. In that
week, people move, an application is added, and another is no longer delivered.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from random import Random

from scenarios.project import Project, Row, make_project, to_csv

WEEKS = (date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 26))
N_UNITS = 20
N_APPLICATIONS = 8
ALL_STAFF = ("mail", "intranet", "time-sheet")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Shape:
    """The number of each kind of cause, and how clearly each shows.

    Units 0 to 11 have the spelled, the replaced and the retired applications, in this order; units
    12 to 16 what is absent from a list or new on it. Seed 0 shuffles nothing.
    """

    seed: int = 0
    n_people: tuple[int, ...] = (60,) * N_UNITS
    n_leavers: int = 15
    n_spelled: int = 5
    n_replaced: int = 3
    n_retired: int = 4
    n_not_real: int = 6
    n_late_units: int = 5
    n_accounts: tuple[int, ...] = (25, 25, 25)
    n_silent: int = 20
    n_strange_holders: tuple[int, ...] = (12, 12, 12)
    n_of_wrong_rule: tuple[int, ...] = (20, 20)
    n_of_other_units: tuple[int, ...] = (24, 9)
    lost_share: float = 0.3
    spelled_share: float = 0.95
    not_real_share: float = 0.85
    absent_share: float = 0.86

    @classmethod
    def varied(cls, seed: int) -> Shape:
        """Draw other numbers and proportions, and other names, which decide ties."""
        draw = Random(seed)  # noqa: S311 - no secret
        n_spelled, n_replaced = draw.randint(3, 6), draw.randint(2, 3)
        return cls(
            seed=seed,
            n_people=tuple(draw.randint(46, 110) for _ in range(N_UNITS)),
            n_leavers=draw.randint(6, 17),
            n_spelled=n_spelled,
            n_replaced=n_replaced,
            n_retired=draw.randint(1, 12 - n_spelled - n_replaced),
            n_not_real=draw.randint(3, n_spelled + n_replaced),
            n_late_units=draw.randint(3, 5),
            n_accounts=tuple(draw.randint(4, 40) for _ in range(3)),
            n_silent=draw.randint(5, 30),
            n_strange_holders=tuple(draw.randint(5, 12) for _ in range(3)),
            n_of_wrong_rule=(draw.randint(8, 30), draw.randint(8, 30)),
            n_of_other_units=(draw.randint(6, 20), draw.randint(6, 20)),
            lost_share=draw.uniform(0.15, 0.6),
            spelled_share=draw.uniform(0.4, 1.0),
            not_real_share=draw.uniform(0.6, 1.0),
            absent_share=draw.uniform(0.55, 1.0),
        )


@dataclass
class PlantedBank:
    """The rows of three weeks, and `truth`: the planted cause of each finding of the third."""

    shape: Shape = field(default_factory=Shape)
    hr: list[dict[str, Row]] = field(default_factory=lambda: [{}, {}, {}])
    grants: list[set[Pair]] = field(default_factory=lambda: [set(), set(), set()])
    listed: list[dict[Pair, str]] = field(default_factory=lambda: [{}, {}, {}])
    rules: list[Row] = field(default_factory=list)
    truth: dict[Pair, str] = field(default_factory=dict)
    spellings: dict[Pair, str] = field(default_factory=dict)

    def hire(self, brid: str, unit: str, since: int = 0, **more: str) -> None:
        """Employ a person in a unit from a week on."""
        for week in range(since, 3):
            self.hr[week][brid] = {"brid": brid, "cost_center": unit, **more}

    def grant(self, brid: str, application: str, since: int = 0) -> None:
        """Grant access from a week on."""
        for week in range(since, 3):
            self.grants[week].add((brid, application))

    def revoke(self, brid: str, application: str, since: int = 0) -> None:
        """Revoke access from a week on."""
        for week in range(since, 3):
            self.grants[week].discard((brid, application))

    def ask(
        self, persona: str, application: str, requirement: str = "mandatory", since: int = 0
    ) -> None:
        """Put an application into the persona list from a week on."""
        for week in range(since, 3):
            self.listed[week][persona, application] = requirement

    def people(self, unit: int) -> list[str]:
        """Return the BRIDs of a unit."""
        numbers = list(range(self.shape.n_people[unit]))
        if self.shape.seed:
            Random(f"{self.shape.seed} {unit}").shuffle(numbers)  # noqa: S311 - no secret
        return [f"{20_000 + unit * 200 + number}" for number in numbers]

    def rest(self, unit: int, share: float = 1.0) -> list[str]:
        """Return people of a unit who neither left nor moved nor came, or a share of them."""
        people = self.people(unit)[2:]
        return people[len(people) - round(share * len(people)) :]

    def application(self, unit: int, number: int) -> str:
        """Return an application that the persona of the unit asks for."""
        letters = list("abcdefgh")
        if self.shape.seed:
            Random(f"{unit} {self.shape.seed}").shuffle(letters)  # noqa: S311 - no secret
        return f"unit{unit}-{letters[number]}"

    def due(self, unit: int) -> list[str]:
        """Return the required access of a unit's people."""
        return [*ALL_STAFF, *(self.application(unit, number) for number in range(N_APPLICATIONS))]

    def plant(self, cause: str, *pairs: Pair) -> None:
        """Record the cause of findings."""
        for pair in pairs:
            assert pair not in self.truth, pair
            self.truth[pair] = cause


def plan(shape: Shape) -> PlantedBank:
    """Plan the bank: first the correct state, then the defects."""
    bank = PlantedBank(shape)
    for name in ALL_STAFF:
        bank.ask("all-staff", name)
    bank.hire("9001", "HEAD")
    bank.hire("9002", "HEAD")
    for brid, name in product(("9001", "9002"), ALL_STAFF):
        bank.grant(brid, name)
    for unit in range(N_UNITS):
        bank.rules.append(_rule(f"R-{unit}", f"CC-{unit}", f"persona-{unit}"))
        for number in range(N_APPLICATIONS):
            bank.ask(f"persona-{unit}", bank.application(unit, number))
        for brid in bank.people(unit):
            bank.hire(brid, f"CC-{unit}")
            for name in bank.due(unit):
                bank.grant(brid, name)
    # Listed by some persona, so that holding it elsewhere is excess.
    bank.rules.append(_rule("R-HEAD", "HEAD", "head"))
    for name in [f"extra-{n}" for n in range(8)] + [f"odd-{n}" for n in range(3)]:
        bank.ask("head", name, "optional")
    for planted in (
        _leavers, _movers, _spellings, _replaced, _retired, _not_real, _absent, _rule_moved,
        _batches, _orphans, _silent, _outliers, _wrong_rule, _newcomers, _other_units, _lost,
        _prohibited, _not_started, _noise,
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


def _leavers(bank: PlantedBank) -> None:
    for unit in range(bank.shape.n_leavers):
        brid = bank.people(unit)[0]
        bank.hire(
            brid, f"CC-{unit}", 1, employment_status="terminated", termination_date="2026-01-08"
        )
        bank.plant(f"leaver {brid}", *((brid, name) for name in bank.due(unit)))


def _units(bank: PlantedBank) -> tuple[range, range, range]:
    """Return the units with spelled, replaced and retired applications."""
    spelled = bank.shape.n_spelled
    replaced = spelled + bank.shape.n_replaced
    retired = replaced + bank.shape.n_retired
    return range(spelled), range(spelled, replaced), range(replaced, retired)


def _movers(bank: PlantedBank) -> None:
    _, replaced, _ = _units(bank)
    for unit in range(replaced.stop):
        brid, to = bank.people(unit)[1], (unit + 1) % replaced.stop
        bank.hire(brid, f"CC-{to}", 2)
        for name in bank.due(to):
            bank.grant(brid, name, 2)
        old = (bank.application(unit, number) for number in range(N_APPLICATIONS))
        bank.plant(f"mover {brid}", *((brid, name) for name in old))


def _spellings(bank: PlantedBank) -> None:
    for unit in _units(bank)[0]:
        name = bank.application(unit, 0)
        for brid in bank.rest(unit, bank.shape.spelled_share):
            bank.revoke(brid, name)
            bank.grant(brid, f"{name}-prod")
            bank.plant(f"spelling {name}", (brid, name))


def _replaced(bank: PlantedBank) -> None:
    for number, unit in enumerate(_units(bank)[1]):
        name, other = bank.application(unit, 0), f"extra-{5 + number}"
        for brid in bank.rest(unit):
            bank.revoke(brid, name, 1)
            bank.grant(brid, other, 1)
            bank.plant(f"replaced {name}", (brid, name), (brid, other))


def _gone(bank: PlantedBank) -> set[str]:
    return {bank.application(unit, 1) for unit in _units(bank)[2]}


def _retired(bank: PlantedBank) -> None:
    for unit in _units(bank)[2]:
        name = bank.application(unit, 1)
        for person in bank.hr[0]:
            bank.revoke(person, name)
        leaver = bank.people(unit)[0]
        if bank.truth.pop((leaver, name), None) is None:
            bank.plant(f"retired {name}", (leaver, name))
        bank.plant(f"retired {name}", *((brid, name) for brid in bank.people(unit)[1:]))


def _not_real(bank: PlantedBank) -> None:
    for unit in range(bank.shape.n_not_real):
        name = bank.application(unit, 2)
        for brid in bank.rest(unit, bank.shape.not_real_share):
            bank.revoke(brid, name)
            bank.plant(f"not real {name}", (brid, name))


def _late_units(bank: PlantedBank) -> range:
    return range(12, 12 + bank.shape.n_late_units)


def _absent(bank: PlantedBank) -> None:
    for unit in _late_units(bank):
        name = f"extra-{unit - 12}"
        for brid in bank.rest(unit, bank.shape.absent_share):
            bank.grant(brid, name)
            bank.plant(f"absent {name} of {unit}", (brid, name))


def _rule_moved(bank: PlantedBank) -> None:
    # From the third week on another rule gives the unit the persona of another.
    bank.rules[18] = {**bank.rules[18], "valid_to": "2026-01-20"}
    bank.rules.append(_rule("R-18-NEW", "CC-18", "persona-17", valid_from="2026-01-21"))
    for brid in bank.people(18)[:30]:
        for number in range(N_APPLICATIONS):
            bank.plant(
                "rule moved",
                (brid, bank.application(17, number)),
                (brid, bank.application(18, number)),
            )
    for brid in bank.people(18)[30:]:
        for week in range(3):
            bank.hr[week].pop(brid)
        for name in bank.due(18):
            bank.revoke(brid, name)


def _batches(bank: PlantedBank) -> None:
    for unit in _late_units(bank):
        name = f"new-{unit}"
        bank.ask(f"persona-{unit}", name, since=2)
        bank.grant("9001", name)
        bank.ask("head", name, "optional")
        for brid in bank.hr[2]:
            row = bank.hr[2][brid]
            if row["cost_center"] == f"CC-{unit}" and "termination_date" not in row:
                bank.plant(f"batch {name}", (brid, name))


def _orphans(bank: PlantedBank) -> None:
    prefixes = ("SVCPAY", "BATCHX", "ADMINQ")
    for number, (prefix, size) in enumerate(zip(prefixes, bank.shape.n_accounts, strict=True)):
        for account in range(10, 10 + size):
            brid, name = f"{prefix}{account}", bank.application(19, number)
            bank.grant(brid, name)
            bank.plant(f"orphans {prefix}", (brid, name))


def _silent(bank: PlantedBank) -> None:
    name = bank.application(19, 5)
    for brid in bank.rest(19)[: bank.shape.n_silent]:
        bank.revoke(brid, name)
        bank.plant(f"silent {name}", (brid, name))
    for brid in bank.hr[0]:
        bank.revoke(brid, name, 2)


def _outliers(bank: PlantedBank) -> None:
    for number, n_holders in enumerate(bank.shape.n_strange_holders):
        for unit in range(n_holders):
            pair = (bank.rest(unit)[20 + number], f"odd-{number}")
            bank.grant(*pair)
            bank.plant(f"outlier odd-{number}", pair)


def _wrong_rule(bank: PlantedBank) -> None:
    # People of two units who hold what others of theirs hold, and almost nothing of their persona.
    gone = _gone(bank)
    for number, n_people in enumerate(bank.shape.n_of_wrong_rule):
        persona = 10 + number
        rule = f"R-WRONG-{number}"
        bank.rules.append(_rule(rule, f"WRONG-{number}", f"persona-{persona}"))
        for person in range(n_people):
            brid = f"{30_000 + number * 100 + person}"
            bank.hire(brid, f"WRONG-{number}")
            for name in (*ALL_STAFF, bank.application(persona, 7)):
                bank.grant(brid, name)
            for name in (bank.application(persona, n) for n in range(7)):
                bank.plant(f"retired {name}" if name in gone else f"wrong {rule}", (brid, name))
            # People of the second unit hold all access that another persona requires.
            for n in range(3 if number == 0 else N_APPLICATIONS):
                bank.grant(brid, bank.application(17, n))
                bank.plant(f"wrong {rule}", (brid, bank.application(17, n)))


def _newcomers(bank: PlantedBank) -> None:
    gone = _gone(bank)
    for unit in (9, 14, 17):
        brid = f"{40_000 + unit}"
        bank.hire(brid, f"CC-{unit}", 2)
        names = [*bank.due(unit), *([f"new-{unit}"] if unit in _late_units(bank) else [])]
        for name in names:
            cause = f"retired {name}" if name in gone else f"newcomer {brid}"
            bank.plant(cause, (brid, name))


def _other_units(bank: PlantedBank) -> None:
    # A rule gives the persona of a unit to a smaller one, which works without one application.
    for number, n_people in enumerate(bank.shape.n_of_other_units):
        unit = 15 + number
        bank.rules.append(_rule(f"R-OTHER-{number}", f"OTHER-{number}", f"persona-{unit}"))
        for person in range(n_people):
            brid = f"{50_000 + number * 100 + person}"
            bank.hire(brid, f"OTHER-{number}")
            for name in bank.due(unit):
                bank.grant(brid, name)
            if unit in _late_units(bank):
                bank.plant(f"batch new-{unit}", (brid, f"new-{unit}"))
            name = bank.application(unit, 3)
            bank.revoke(brid, name)
            bank.plant(f"other units {name}", (brid, name))


def _lost(bank: PlantedBank) -> None:
    for unit in (13, 14):
        name = bank.application(unit, 4)
        for brid in bank.rest(unit, bank.shape.lost_share):
            bank.revoke(brid, name, 2)
            bank.plant(f"lost {name}", (brid, name))


def _prohibited(bank: PlantedBank) -> None:
    bank.ask("head", "secret", "optional")
    bank.ask("persona-12", "secret", "prohibited")
    for brid in bank.rest(12)[5:10]:
        bank.grant(brid, "secret")
        bank.plant("prohibited secret", (brid, "secret"))


def _not_started(bank: PlantedBank) -> None:
    brid = "60000"
    bank.hire(brid, "CC-17", 1, hire_date="2026-03-02")
    for name in bank.due(17):
        bank.grant(brid, name, 1)
    bank.plant(f"early {brid}", *((brid, name) for name in bank.due(17)))


def _noise(bank: PlantedBank) -> None:
    for unit in range(12):
        pair = (bank.rest(unit)[40], bank.application(unit, 6))
        bank.revoke(*pair)
        bank.plant(f"single {pair}", pair)


def make(root: Path, shape: Shape) -> tuple[Project, PlantedBank]:
    """Make the project with the files of three weeks in its drop zone, and the plan behind them."""
    bank = plan(shape)
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

    Only findings of both sides count; a finding without a common cause is its own cause.
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
