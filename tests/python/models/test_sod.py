"""Violations of segregation of duties in generated banks, recounted person by person."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import duckdb

from scenarios.project import ROOT

WEEK = "2026-03-02"
PEOPLE = [str(number) for number in range(8)]
APPLICATIONS = [f"app-{number}" for number in range(5)]
PERSONAS = [f"persona-{number}" for number in range(3)]
RULES = ["S1", "S2", "S3"]
TABLES = {
    "fct_access_reconciliation": (
        "as_of_date date, brid varchar, application_id varchar, reconciliation_status varchar, "
        "is_granted boolean"
    ),
    "int_persona_assignments": "brid varchar, persona_id varchar",
    "int_sod_rules": (
        "sod_rule_id varchar, sod_rule_name varchar, severity varchar, owner_brid varchar"
    ),
    "int_sod_rule_sides": (
        "sod_rule_id varchar, side varchar, held_kind varchar, held_id varchar"
    ),
}  # fmt: skip
Side = tuple[str, str, str, str]
Violation = tuple[str, str, str, str, bool]


def bank_of(seed: int) -> tuple[dict[tuple[str, str], str], set[tuple[str, str | None]], set[Side]]:
    """Generate access, personas and sides of rules, dense enough that most rules are violated."""
    dice = random.Random(seed)  # noqa: S311 - the same banks each time
    held = {
        (brid, application): dice.choice(["match", "match", "excess", "unassessed", "missing"])
        for brid in PEOPLE
        for application in APPLICATIONS
        if dice.random() < 0.5
    }
    of_people: set[tuple[str, str | None]] = {
        (brid, dice.choice([None, *PERSONAS])) for brid in PEOPLE for _ in range(2)
    }
    things = [("application", each) for each in APPLICATIONS]
    things += [("persona", each) for each in PERSONAS]
    sides = {
        (rule, side, *dice.choice(things))
        for rule in RULES
        for side in "ab"
        for _ in range(dice.randint(0, 3))
    }
    return held, of_people, sides


def model_sql() -> str:
    """Render the model on plain tables, as DuckDB's adapter would."""
    text = (ROOT / "models/findings/int_sod_violations.sql").read_text("utf-8")
    text = re.sub(r"{{ ref\('(\w+)'\) }}", r"\1", text)
    text = re.sub(
        r'{{ dbt\.listagg\("(.*?)", "(.*?)", "(.*?)"\) }}', r"string_agg(\1, \2 \3)", text
    )
    text = text.replace("{{ as_of_date() }}", f"date '{WEEK}'")
    assert "{" not in text
    return text


SQL = model_sql()


def found(tables: dict[str, Sequence[tuple[object, ...]]]) -> set[Violation]:
    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            connection.execute(f"create table {name} ({columns})")
            for row in tables[name]:
                connection.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
        rows = connection.execute(
            f"select sod_rule_id, brid, held_of_a, held_of_b, is_by_design from ({SQL})"
        ).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


def expected(
    held: dict[tuple[str, str], str], of_people: set[tuple[str, str | None]], rules: set[Side]
) -> set[Violation]:
    violations = set()
    for rule in RULES:
        for brid in PEOPLE:
            of_side: dict[str, dict[str, bool]] = {"a": {}, "b": {}}
            for _, side, kind, thing in (each for each in rules if each[0] == rule):
                if kind == "persona" and (brid, thing) in of_people:
                    of_side[side][thing] = True
                status = held.get((brid, thing), "missing")
                if kind == "application" and status != "missing":
                    of_side[side][thing] = status == "match"
            if of_side["a"] and of_side["b"]:
                names = [" | ".join(sorted(of_side[side])) for side in "ab"]
                by_design = all([*of_side["a"].values(), *of_side["b"].values()])
                violations.add((rule, brid, names[0], names[1], by_design))
    return violations


def test_who_holds_both_sides_is_found_and_nobody_else() -> None:
    violations = set()
    for seed in range(40):
        held, of_people, sides = bank_of(seed)
        tables: dict[str, Sequence[tuple[object, ...]]] = {
            "fct_access_reconciliation": [
                (WEEK, brid, application, status, status != "missing")
                for (brid, application), status in held.items()
            ],
            "int_persona_assignments": sorted(of_people, key=str),
            "int_sod_rules": [(rule, rule, "high", "1") for rule in RULES],
            "int_sod_rule_sides": sorted(sides),
        }
        wanted = expected(held, of_people, sides)
        assert found(tables) == wanted, seed
        violations |= {(seed, *each) for each in wanted}
    # Otherwise the two would agree about almost nothing.
    assert len(violations) > 100
    assert {each[-1] for each in violations} == {True, False}
    assert any(" | " in each[3] for each in violations)


def test_the_second_count_sees_violations() -> None:
    """A recount without any violation would agree with an empty model."""
    rules = {("S1", "a", "application", "app-0"), ("S1", "b", "persona", "persona-0")}
    assert expected({("1", "app-0"): "excess"}, {("1", "persona-0")}, rules) == {
        ("S1", "1", "app-0", "persona-0", False)
    }
