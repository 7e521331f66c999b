"""The weekly run as a DAG: wait for the feeds, build, then publish. A second DAG verifies.

The warehouse has one writer, so the tasks are coarse; each is a command of the project in the
project's environment. PERSONA_ACCESS_HOME and the other settings come from the worker.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

COMMAND = os.environ.get("PERSONA_ACCESS_COMMAND", "/opt/persona-access/.venv/bin/persona-access")
# The week ends on the day of the scheduled run; without a schedule, it ends today.
DUE = "--due {{ (dag_run.logical_date or dag_run.run_after) | ds }}"

# Exit code 1 is a gate or a failed test: a person must check it, so Airflow does not retry.
GATE = 'code=$?; [ "$code" -eq 1 ] && exit 99; exit "$code"'

with DAG(
    dag_id="persona_access",
    description="Weekly reconciliation of access",
    schedule="0 6 * * 1",
    start_date=datetime(2026, 1, 5, tzinfo=UTC),
    # Weeks are built in order, and a run builds every loaded week.
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=15)},
) as dag:
    build = BashOperator(
        task_id="wait_load_build",
        bash_command=f"{COMMAND} run --no-publish --wait-minutes 240 {DUE}; {GATE}",
        append_env=True,
    )
    publish = BashOperator(
        task_id="publish",
        bash_command=f"{COMMAND} run {DUE}; {GATE}",
        append_env=True,
    )
    build >> publish

# Check every night that the audit log and its recorded files are unmodified.
with DAG(
    dag_id="persona_access_verify",
    description="Nightly check of the audit log (persona-access audit verify)",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 5, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=15)},
) as verify_dag:
    # If something was changed (exit code 1), a person must check it, so there is no retry.
    BashOperator(
        task_id="audit_verify", bash_command=f"{COMMAND} audit verify; {GATE}", append_env=True
    )
