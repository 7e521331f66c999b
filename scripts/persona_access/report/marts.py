"""The marts that the report reads: one Parquet file each, opened as views of the same name."""

from __future__ import annotations

from pathlib import Path

import duckdb

from persona_access.errors import PersonaAccessError

REQUIRED = (
    "dim_applications",
    "dim_employees",
    "dim_mapping_rules",
    "dim_personas",
    "fct_access_reconciliation",
    "fct_alias_suggestions",
    "fct_hr_conflicts",
    "fct_method_disagreements",
    "fct_persona_assignments",
    "fct_persona_requirements",
    "fct_persona_suggestions",
    "fct_quarantined_rows",
    "fct_reconciliation_by_application",
    "fct_reconciliation_by_cost_center",
    "fct_reconciliation_by_employee",
    "fct_reconciliation_by_manager",
    "fct_reconciliation_by_persona",
    "fct_reconciliation_by_week",
    "fct_rule_coverage",
)
# A page or a paragraph says so where one of these is not there. Those that are no marts hold the
# decisions and the ledger that `explain` shows, under the names of their models.
OPTIONAL = {
    "fct_access_findings": """
        finding_id varchar, brid varchar, application_id varchar, finding_type varchar,
        opened_date date, last_seen_date date, closed_date date, finding_state varchar,
        age_days integer, n_times_reopened integer, reconciliation_reason varchar,
        disposition varchar, waiver_id varchar, opening_cause varchar, closing_cause varchar,
        is_privileged boolean, persona_ids varchar, reviewer_brid varchar, reviewer_role varchar,
        due_date date, is_overdue boolean, n_times_waiver_ended integer, as_of_date date
    """,
    "stg_decisions__non_human_accounts": """
        brid varchar, purpose varchar, owner_brid varchar, valid_from date, valid_to date,
        approved_by varchar, rationale varchar
    """,
    "stg_decisions__persona_overrides": """
        override_id varchar, requested_by varchar, approved_by varchar, approved_on date,
        valid_from date, valid_to date, rationale varchar
    """,
    "stg_decisions__pretrained_mappings": """
        mapping_id varchar, looks_at varchar, management_level_key varchar,
        cost_center_key varchar, cost_center_prefix_key varchar, department_key varchar,
        job_title_key varchar, worker_type_key varchar, hits integer, support integer,
        confidence double, runner_up_persona_id varchar, training_id varchar
    """,
    "stg_decisions__waivers": "waiver_id varchar, approved_by varchar, valid_to date",
    "stg_loader__loads": """
        load_id varchar, feed varchar, extract_date date, version bigint, load_status varchar,
        file_name varchar, n_rows_read bigint, n_rows_loaded bigint, n_rows_quarantined bigint,
        reason varchar, is_restatement boolean, is_in_force boolean
    """,
}


def open_marts(marts: Path) -> tuple[duckdb.DuckDBPyConnection, frozenset[str]]:
    """Open the files of a folder; also return the names of the optional ones that are not there.

    Raises PersonaAccessError when a mart that every page needs is not there, or has no week.
    """
    absent = [name for name in REQUIRED if not (marts / f"{name}.parquet").is_file()]
    if absent:
        raise PersonaAccessError(
            f"The report cannot be written from {marts}: {', '.join(absent)} "
            "is not there as <mart>.parquet; publish the week again."
        )
    connection = duckdb.connect()
    left_out = set()
    for name in (*REQUIRED, *OPTIONAL):
        file = marts / f"{name}.parquet"
        if file.is_file():
            quoted = str(file).replace("'", "''")
            connection.execute(f"create view {name} as select * from read_parquet('{quoted}')")
        else:
            connection.execute(f"create table {name} ({OPTIONAL[name]})")
            left_out.add(name)
    # Facts may hold older weeks too.
    connection.execute(
        "create table week as select max(as_of_date) as as_of_date from fct_access_reconciliation"
    )
    if connection.execute("select as_of_date from week").fetchall() == [(None,)]:
        raise PersonaAccessError(
            f"The report cannot be written from {marts}: fct_access_reconciliation has no row; "
            "build a week first."
        )
    return connection, frozenset(left_out)
