"""Violations of segregation of duties for the owners of the rules."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from persona_access.outputs.work_lists.write import DUTIES, write_duties

VIOLATIONS = """
    select * from (values
        (date '2026-03-09', 'S1', 'Pays and approves', 'high', '20', '1', 'pay', '=approve', false, 'open'),
        (date '2026-03-09', 'S1', 'Pays and approves', 'high', '20', '2', 'pay', 'approve', true, 'open'),
        (date '2026-03-09', 'S2', 'Trades and measures', 'critical', '20', '1', 'a', 'b', false, 'mitigated'),
        (date '2026-03-09', 'S1', 'Pays and approves', 'high', '20', '3', 'pay', 'approve', false, 'closed'),
        (date '2026-03-02', 'S1', 'Pays and approves', 'high', '20', '4', 'pay', 'approve', false, 'open')
    ) as rows (as_of_date, sod_rule_id, sod_rule_name, severity, owner_brid, brid, held_of_a,
        held_of_b, is_by_design, violation_state)
"""  # noqa: E501


def test_owners_get_the_cases_of_this_week_the_worst_first(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select *, null::varchar as mitigating_control, null::date as mitigated_until, "
            f"as_of_date as opened_date from ({VIOLATIONS})) "
            f"to '{tmp_path}/fct_sod_violations.parquet'"
        )
        connection.execute(
            f"copy (select date '2026-03-09' as as_of_date) to '{tmp_path}/dim_employees.parquet'"
        )
        write_duties(connection, tmp_path, tmp_path)
    with (tmp_path / DUTIES).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["Severity"], row["BRID"], row["State"]) for row in rows] == [
        ("critical", "1", "mitigated"),
        ("high", "1", "open"),
        ("high", "2", "open"),
    ]
    assert [row["What to do"].split(",")[0] for row in rows] == [
        "Renew the control before it ends",
        "Have a side removed",
        "Have the personas changed",
    ]
    # Text of a feed is never a formula.
    assert rows[1]["Holds of side b"] == "'=approve"
