"""Open the marts that the report reads: one Parquet file each, as views with the same name."""

from __future__ import annotations

from pathlib import Path

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.sql import statement

MARTS = (
    "dim_applications",
    "dim_employees",
    "dim_exceptions",
    "dim_mapping_rules",
    "dim_personas",
    "dim_pretrained_mappings",
    "fct_access_reconciliation",
    "fct_account_candidates",
    "fct_alias_suggestions",
    "fct_finding_causes",
    "fct_finding_changes",
    "fct_hr_conflicts",
    "fct_loads",
    "fct_movements",
    "fct_persona_applications",
    "fct_persona_assignments",
    "fct_persona_proposals",
    "fct_persona_requirements",
    "fct_persona_suggestions",
    "fct_quarantined_rows",
    "fct_reconciliation_by_application",
    "fct_reconciliation_by_cost_center",
    "fct_reconciliation_by_manager",
    "fct_reconciliation_by_persona",
    "fct_residual_access",
    "fct_rule_coverage",
    "fct_sod_violations",
    "fct_status_changes",
    "rpt_applications",
    "rpt_cause_weeks",
    "rpt_causes",
    "rpt_cost_centers",
    "rpt_finding_ages",
    "rpt_finding_causes",
    "rpt_finding_priorities",
    "rpt_finding_weeks",
    "rpt_findings",
    "rpt_method_disagreements",
    "rpt_people",
    "rpt_persona_cost_centers",
    "rpt_persona_requirements",
    "rpt_personas",
    "rpt_pretrained_mappings",
    "rpt_standing_access",
    "rpt_status_reasons",
    "rpt_week_figures",
)


def open_marts(marts: Path) -> duckdb.DuckDBPyConnection:
    """Open the files of a folder as views named like the marts.

    Raises PersonaAccessError if one is missing, or has no week.
    """
    absent = [name for name in MARTS if not (marts / f"{name}.parquet").is_file()]
    if absent:
        raise PersonaAccessError(
            f"The report cannot be written from {marts}: {', '.join(absent)} "
            "is not there as <mart>.parquet; publish the week again."
        )
    # One thread keeps rows in order, and needs less memory.
    connection = duckdb.connect(config={"threads": 1})
    for name in MARTS:
        quoted = str(marts / f"{name}.parquet").replace("'", "''")
        connection.execute(f"create view {name} as select * from read_parquet('{quoted}')")
    connection.execute(statement(__package__, "open_report"))
    if connection.execute("select as_of_date from week").fetchall() == [(None,)]:
        raise PersonaAccessError(
            f"The report cannot be written from {marts}: fct_access_reconciliation has no row: "
            "the week has no pair of person and application to show."
        )
    return connection
