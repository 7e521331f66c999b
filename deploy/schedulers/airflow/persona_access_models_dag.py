"""Run each dbt model as its own task with astronomer-cosmos, if the warehouse allows it.

This is only for a target with many writers, which PERSONA_ACCESS_MODELS_TARGET names. DuckDB has
one writer: without the variable there is no DAG here; use persona_access_dag.py. Publishing
requires one build of a whole week, which this DAG does not make: it ends with the data tests.

Cosmos reads the manifest that `dbt parse` wrote; every task is a dbt command in the project's own
environment, on the week that the run is for.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

TARGET = os.environ.get("PERSONA_ACCESS_MODELS_TARGET")
PROJECT = Path(os.environ.get("PERSONA_ACCESS_PROJECT", "/opt/persona-access"))
COMMAND = os.environ.get("PERSONA_ACCESS_COMMAND", "/opt/persona-access/.venv/bin/persona-access")
DBT = str(Path(COMMAND).with_name("dbt"))
# Every dbt process gets the week; otherwise each would use the newest week at its start.
WEEK = {"PERSONA_ACCESS_AS_OF_DATE": "{{ (dag_run.logical_date or dag_run.run_after) | ds }}"}

if TARGET:
    from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
    from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

    with DAG(
        dag_id="persona_access_models",
        description="Weekly reconciliation of access, one task for each model",
        schedule=None,
        start_date=datetime(2026, 1, 5, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    ) as dag:
        models = DbtTaskGroup(
            group_id="models",
            project_config=ProjectConfig(
                manifest_path=PROJECT / "target" / "manifest.json", project_name="persona_access"
            ),
            profile_config=ProfileConfig(
                profile_name="persona_access",
                target_name=TARGET,
                profiles_yml_filepath=PROJECT / "profiles.yml",
            ),
            execution_config=ExecutionConfig(
                dbt_project_path=PROJECT,
                dbt_executable_path=DBT,
                execution_mode=ExecutionMode.LOCAL,
                invocation_mode=InvocationMode.SUBPROCESS,
            ),
            render_config=RenderConfig(
                load_method=LoadMode.DBT_MANIFEST, test_behavior=TestBehavior.NONE
            ),
            operator_args={"install_deps": False, "env": WEEK, "append_env": True},
        )
        tests = BashOperator(
            task_id="data_tests",
            bash_command=f"{DBT} test --exclude-resource-type unit_test --target {TARGET}",
            cwd=str(PROJECT),
            env=WEEK,
            append_env=True,
        )
        models >> tests
