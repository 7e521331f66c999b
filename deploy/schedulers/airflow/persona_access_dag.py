"""The weekly run as a DAG: wait for the feeds and build; then publish. Another one verifies.

The warehouse has one writer, so the tasks are coarse, and each is the project's own command in the
project's own environment. PERSONA_ACCESS_HOME and the other settings are those of the worker.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

COMMAND = os.environ.get("PERSONA_ACCESS_COMMAND", "/opt/persona-access/.venv/bin/persona-access")
# The week ends on the day on which the run begins; without a schedule it is today's.
DUE = "--due {{ (dag_run.logical_date or dag_run.run_after) | ds }}"

# 1 is a gate or a failed test: a person has to look, so Airflow does not try again.
GATE = 'code=$?; [ "$code" -eq 1 ] && exit 99; exit "$code"'

with DAG(
    dag_id="persona_access",
    description="Weekly reconciliation of access",
    schedule="0 6 * * 1",
    start_date=datetime(2026, 1, 5, tzinfo=UTC),
    # Weeks are built in order, and a run takes every loaded week along.
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

# Every night: whether the audit log and all that it names is as it was written.
with DAG(
    dag_id="persona_access_verify",
    description="Nightly check of the audit log (persona-access audit verify)",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 5, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=15)},
) as verify_dag:
    # What was tampered with (1) waits for a person, so it is not tried again.
    BashOperator(
        task_id="audit_verify", bash_command=f"{COMMAND} audit verify; {GATE}", append_env=True
    )
