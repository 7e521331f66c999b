"""Violations of segregation of duties on generated banks, counted again person by person."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.project import ROOT

PEOPLE = [str(number) for number in range(8)]
APPLICATIONS = [f"app-{number}" for number in range(5)]
PERSONAS = [f"persona-{number}" for number in range(3)]
RULES = ["S1", "S2", "S3"]
TABLES = {
    "int_access_classified": (
        "brid varchar, application_id varchar, reconciliation_status varchar, is_granted boolean"
    ),
    "int_persona_assignments": "brid varchar, persona_id varchar",
    "int_sod_rules": (
        "sod_rule_id varchar, sod_rule_name varchar, severity varchar, owner_brid varchar"
    ),
    "int_sod_rule_sides": (
        "sod_rule_id varchar, side varchar, held_kind varchar, held_id varchar"
    ),
}  # fmt: skip
Access = tuple[str, str, str]
Side = tuple[str, str, str, str]
Violation = tuple[str, str, str, str, bool]

held_things = st.one_of(
    st.tuples(st.just("application"), st.sampled_from(APPLICATIONS)),
    st.tuples(st.just("persona"), st.sampled_from(PERSONAS)),
)
sides = st.sets(
    st.builds(
        lambda rule, side, held: (rule, side, *held),
        st.sampled_from(RULES),
        st.sampled_from("ab"),
        held_things,
    ),
    max_size=14,
)
access = st.dictionaries(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(APPLICATIONS)),
    st.sampled_from(["match", "excess", "unassessed", "missing"]),
    max_size=30,
)
personas = st.sets(
    st.tuples(st.sampled_from(PEOPLE), st.one_of(st.none(), st.sampled_from(PERSONAS))), max_size=16
)


def model_sql() -> str:
    """Render the model on plain tables, as DuckDB's adapter would."""
    text = (ROOT / "models/intermediate/access/int_sod_violations.sql").read_text("utf-8")
    text = re.sub(r"{{ ref\('(\w+)'\) }}", r"\1", text)
    text = re.sub(
        r'{{ dbt\.listagg\("(.*?)", "(.*?)", "(.*?)"\) }}', r"string_agg(\1, \2 \3)", text
    )
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(held=access, of_people=personas, rules=sides)
def test_who_holds_both_sides_is_found_and_nobody_else(
    held: dict[tuple[str, str], str], of_people: set[tuple[str, str | None]], rules: set[Side]
) -> None:
    tables: dict[str, Sequence[tuple[object, ...]]] = {
        "int_access_classified": [
            (brid, application, status, status != "missing")
            for (brid, application), status in held.items()
        ],
        "int_persona_assignments": sorted(of_people, key=str),
        "int_sod_rules": [(rule, rule, "high", "1") for rule in RULES],
        "int_sod_rule_sides": sorted(rules),
    }
    assert found(tables) == expected(held, of_people, rules)


def test_the_second_count_sees_violations() -> None:
    """A count that finds none anywhere would agree with an empty model."""
    rules = {("S1", "a", "application", "app-0"), ("S1", "b", "persona", "persona-0")}
    assert expected({("1", "app-0"): "excess"}, {("1", "persona-0")}, rules) == {
        ("S1", "1", "app-0", "persona-0", False)
    }
